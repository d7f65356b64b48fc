import type { Kind, Need, OptionsFor, OptionsSchema, Plugin, TaskLabels } from "@everlearn/contracts";

/** A plugin and its options, chosen in code: what `{"use": …}` is in a spec. */
export interface Use<K extends Kind = Kind, N extends Need = Need, G extends TaskLabels = TaskLabels> {
  readonly plugin: { readonly kind: K; readonly name: string };
  /** As they were written, defaults left out. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of a part that is made of another one: that one. */
  readonly of?: Use<K>;
  /** Never there: what TypeScript knows of the plugin's needs and, of a scenario, of the task labels that it grants. */
  readonly types?: { readonly needs: N; readonly taskLabels: G };
}

/** A part that is made of another one, of the kind that its plugin has, has it beside its options, as in a spec. */
type Of<K extends Kind, N> = "of" extends N ? { readonly of: Use<NoInfer<K>> } : unknown;

/** A scenario with an option "taskLabels" grants what that says, its default where it is left out; of others nothing is known. */
type Granted<S> = S extends { taskLabels: { default: infer D } } ? D & Offered<S> : Offered<S>;
type Offered<S> = S extends { taskLabels: { enum: readonly (infer E extends TaskLabels)[] } } ? E : TaskLabels;
type Labels<S, G> = S extends { taskLabels: unknown } ? { readonly taskLabels?: G } : unknown;

type Written<K extends Kind, S, N, G> = OptionsFor<S> & Of<K, N> & Labels<S, G>;

/** Options may be left out as a whole where each of them may. */
type Arguments<O> = Partial<O> extends O ? [options?: O] : [options: O];

/**
 * A choice for a run that is composed in code, such as `use(mer, { alpha: 0.1, s: 5, k: 11 })`. TypeScript checks the
 * options' names and types; ranges are checked when the run is planned.
 */
export function use<K extends Kind, S extends OptionsSchema, N extends Need, G extends Offered<S> = Granted<S>>(
  plugin: Plugin<K, S, N>,
  ...[options]: Arguments<Written<NoInfer<K>, S, N, G>>
): Use<K, N, G> {
  const { of, ...own } = (options ?? {}) as { readonly of?: Use<K> };
  return { plugin, options: own, ...(of === undefined ? {} : { of }) };
}
