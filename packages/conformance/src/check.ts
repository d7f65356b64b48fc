import type { Dependencies, Kind, Need, OptionsOf, OptionsSchema, Parts, Plugin } from "@everlearn/contracts";

/** What happened instead, as the rest of a sentence that begins with "it" or names a thing; undefined where all is well. */
export type Finding = string | undefined;

/** One demand on a part, tried on a subject. */
export interface Check<S> {
  readonly name: string;
  /** Completes "A learner must …". */
  readonly must: string;
  /** An error that it throws is a finding too. */
  readonly run: (subject: S) => Finding | Promise<Finding>;
}

/** A plugin as the checks see it, whatever its options and needs. */
export type AnyPlugin<K extends Kind = Kind> = Plugin<K, OptionsSchema, Need>;

/** A plugin and the options to try it with. */
export interface Judged<K extends Kind> {
  readonly plugin: AnyPlugin<K>;
  /** The options with their defaults filled in; a copy with every call. */
  readonly options: () => OptionsOf<OptionsSchema>;
  readonly needs: readonly Need[];
  /** Makes a part, with the options given or with a copy of its own. */
  readonly create: (given: Partial<Dependencies<K, Need>>, options?: object) => Promise<Parts[K]>;
}

/** An error within a sentence. */
export function thrown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.replace(/\.$/, "")}` : String(error);
}
