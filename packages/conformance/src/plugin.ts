import { contractVersion, type Kind, needs, type OptionSchema } from "@everlearn/contracts";
import type { AnyPlugin, Check } from "./check.js";
import { completed, refusable, validator } from "./schema.js";

interface Subject {
  readonly kind: Kind;
  readonly plugin: AnyPlugin;
  /** The options that it is to be tried with. */
  readonly given: unknown;
}

const entries = ({ plugin }: Subject): [string, OptionSchema][] => Object.entries(plugin.options);

/** What a plugin of any kind must be, before it makes anything. */
export const pluginChecks: readonly Check<Subject>[] = [
  {
    name: "kind",
    must: "say the kind that it is tried as",
    run: ({ kind, plugin }) =>
      plugin.kind === kind ? undefined : `its kind is "${plugin.kind}" rather than "${kind}"`,
  },
  {
    name: "name",
    must: "have a name of the letters a-z, digits and hyphens",
    run: ({ plugin }) =>
      typeof plugin.name === "string" && /^[a-z0-9-]{1,64}$/.test(plugin.name)
        ? undefined
        : `its name is "${plugin.name}"`,
  },
  {
    name: "contract",
    must: `be written for version ${contractVersion} of the contracts, and say so`,
    run: ({ plugin: { contract } }) =>
      contract === contractVersion ? undefined : `its contract is ${JSON.stringify(contract)}`,
  },
  {
    name: "description",
    must: "be described by one sentence",
    run: ({ plugin }) =>
      typeof plugin.description === "string" &&
      /^\S.*\.$/.test(plugin.description) &&
      !/(?<!\b(al|vs|cf))[.!?]\s+\p{Lu}/u.test(plugin.description)
        ? undefined
        : `its description is "${plugin.description}"`,
  },
  {
    name: "needs",
    must: `need nothing but ${needs.join(", ")}`,
    run({ plugin: { needs: own = [], options: schema }, given }) {
      const options = completed(schema, given);
      if (typeof own === "function" && options === undefined) return undefined; // another check says so
      const unknown = (typeof own === "function" ? own(options ?? {}) : own).find((need) => !needs.includes(need));
      return unknown === undefined ? undefined : `it needs "${unknown}"`;
    },
  },
  {
    name: "option names",
    must: 'name its options in camel case, and none of them "use"',
    run(subject) {
      const odd = entries(subject).find(
        ([name]) => !/^[a-z][A-Za-z0-9]*$/.test(name) || name === "use" || name === "constructor",
      );
      return odd && `one is named "${odd[0]}"`;
    },
  },
  {
    name: "option descriptions",
    must: "describe every option",
    run(subject) {
      const silent = entries(subject).find(([, { description }]) => typeof description !== "string" || !description);
      return silent && `"${silent[0]}" has no description`;
    },
  },
  {
    name: "option schema",
    must: "have options whose schema is valid (JSON Schema 2020-12, ajv's strict mode) and allows their defaults",
    run(subject) {
      for (const [name, schema] of entries(subject)) {
        if (!("default" in schema)) {
          validator({ [name]: schema });
          continue;
        }
        const validate = validator({ [name]: schema });
        if (!validate({ [name]: schema.default }))
          return `the default of "${name}", ${JSON.stringify(schema.default)}, ${validate.errors?.[0]?.message ?? "is refused"}`;
      }
      return undefined;
    },
  },
  {
    name: "given options",
    must: "allow the options that it is tried with (those without a default are given as setup.options)",
    run({ plugin, given }) {
      const validate = validator(plugin.options);
      if (validate(structuredClone(given))) return undefined;
      return `they are refused: ${(validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim()).join(", ")}`;
    },
  },
  {
    name: "refusals",
    must: "refuse by its schema unknown options, wrong types and values out of bounds",
    run(subject) {
      const validate = validator(subject.plugin.options);
      const valid = (change: object) => validate({ ...(subject.given as object), ...change });
      if (!valid({})) return undefined; // another check says so
      if (valid({ "no such option": 1 })) return "it allows an unknown option";
      for (const [name, schema] of entries(subject))
        for (const { value, why } of refusable(schema))
          if (valid({ [name]: value })) return `"${name}" may be ${JSON.stringify(value)} (${why})`;
      return undefined;
    },
  },
];
