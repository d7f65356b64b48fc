import type { Protocol, ReceiptPlugin, ReceiptSpec } from "@everlearn/records";

/** A suite as its organiser's file states it, from which settings are known whatever receipts say. */
export interface SuiteDefinition {
  /** The suite's name, by which receipts take part in it. */
  readonly name: string;
  readonly description: string | null;
  readonly protocol: Protocol;
  /** SHA-256 of its rules, as receipts state it. */
  readonly id: string;
  readonly runs: readonly DefinedRun[];
}

/** A run of a suite: what a receipt would say of it before it has run. */
export interface DefinedRun {
  /** The spec with every option of the parts whose plugins are installed here. */
  readonly spec: ReceiptSpec & { readonly seeds: readonly number[] };
  /** The plugins by their place in the spec; without those that are not installed here. */
  readonly plugins: Readonly<Record<string, ReceiptPlugin>>;
  /** By place, the options that the file leaves to their default: receipts of older plugins do not have them all. */
  readonly defaults: Readonly<Record<string, readonly string[]>>;
  /** The data set's checksum; null where the data is not here and the protocol does not state it. */
  readonly checksum: string | null;
  /** The points that a search tries for it; null: it is not searched. */
  readonly points: readonly Readonly<Record<string, unknown>>[] | null;
}
