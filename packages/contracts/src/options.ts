/** The part of JSON Schema that an option may use. Every option is described, and required unless it has a default. */
export type OptionSchema = { readonly description: string } & (
  | {
      readonly type: "number" | "integer";
      readonly default?: number;
      readonly minimum?: number;
      readonly exclusiveMinimum?: number;
      readonly maximum?: number;
      readonly exclusiveMaximum?: number;
    }
  | { readonly type: "boolean"; readonly default?: boolean }
  | { readonly type: "string"; readonly enum?: readonly string[]; readonly default?: string }
  | {
      readonly type: "array";
      readonly items: { readonly type: "number" | "integer"; readonly minimum?: number };
      readonly default?: readonly number[];
    }
  | {
      /** Objects that the plugin checks itself, such as a network's layers. */
      readonly type: "array";
      readonly items: { readonly type: "object" };
      readonly default?: readonly object[];
    }
  | {
      /** Either of several forms, such as one number or a list with a number for each task. */
      readonly anyOf: readonly OptionForm[];
      readonly type?: undefined;
      readonly default?: number | string | readonly number[];
    }
);

/** A form that an option's value may have, where it may have several. */
export type OptionForm =
  | {
      readonly type: "number" | "integer";
      readonly minimum?: number;
      readonly exclusiveMinimum?: number;
      readonly maximum?: number;
      readonly exclusiveMaximum?: number;
    }
  | { readonly type: "string"; readonly enum?: readonly string[] }
  | { readonly type: "array"; readonly items: { readonly type: "number" | "integer"; readonly minimum?: number } };

/** A plugin's options, by name. From this follow the checks, the documentation and the TypeScript types. */
export type OptionsSchema = Readonly<Record<string, OptionSchema>>;

type Value<S> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { type: "number" | "integer" }
    ? number
    : S extends { type: "boolean" }
      ? boolean
      : S extends { type: "string" }
        ? string
        : S extends { items: { type: "object" } }
          ? readonly object[]
          : S extends { anyOf: readonly (infer F)[] }
            ? FormValue<F>
            : readonly number[];

type FormValue<F> = F extends { enum: readonly (infer E)[] }
  ? E
  : F extends { type: "number" | "integer" }
    ? number
    : F extends { type: "string" }
      ? string
      : readonly number[];

type Defaulted<S> = { [K in keyof S]: S[K] extends { default: unknown } ? K : never }[keyof S];

/** Options as a plugin's `create` receives them: checked, and with defaults filled in. */
export type OptionsOf<S> = { readonly [K in keyof S]: Value<S[K]> };

/** Options as a user writes them: those with a default may be left out. */
export type OptionsFor<S> = { readonly [K in Exclude<keyof S, Defaulted<S>>]: Value<S[K]> } & {
  readonly [K in Defaulted<S>]?: Value<S[K]>;
};

/** Options as a user wrote them, with the schema's defaults for those that were left out. Ranges are not checked. */
export function withDefaults<S extends OptionsSchema>(schema: S, given: OptionsFor<S>): OptionsOf<S> {
  const written = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(schema).map(([name, option]) => [name, written[name] ?? option.default]),
  ) as OptionsOf<S>;
}
