import type {
  Buffer,
  Given,
  Kind,
  Learner,
  Metric,
  Network,
  Parts,
  Scenario,
  Stateful,
  Stream,
} from "@everlearn/contracts";
import type { Chosen } from "./chosen.js";
import { SpecError } from "./error.js";
import { digest } from "./identity.js";
import type { Plan } from "./plan.js";
import type { Evaluation, RunSpec } from "./spec.js";
import { checkPart } from "./whole.js";

/** A run at one seed, ready to start. */
export interface Cell {
  readonly name: string;
  readonly seed: number;
  /** The plan's spec: every part with all its options. */
  readonly spec: RunSpec;
  readonly specId: string;
  /** SHA-256 of specId and seed. */
  readonly cellId: string;
  /** By their place in the spec. */
  readonly plugins: Plan["plugins"];
  /** SHA-256 of the data set's examples. */
  readonly checksum: string;
  /** What plugins add to the record of the machine. */
  readonly environment?: Plan["environment"];
  readonly batchSize: number;
  readonly evaluation: Evaluation;
  readonly stream: Stream;
  readonly scenario: Scenario;
  /** The optimizer's, where the run has one. */
  readonly network: Network;
  readonly learner: Learner;
  readonly buffer?: Buffer;
  /** By the plugins' names. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Everything that changes while the run goes on: what a checkpoint holds. */
  readonly parts: Readonly<Record<string, Stateful>>;
  /** Gradients of one example's loss that the network has computed, those before a checkpoint was loaded included. */
  gradients(): number;
  /** Lets go of everything, the last made first; a second call does nothing. */
  dispose(): Promise<void>;
}

/**
 * Puts a planned run together for one seed. All randomness comes from generators named after what they are for, so that
 * at one seed every learner sees the same stream and every network of one shape begins with the same weights.
 * @param directory where the run's results go, if it is to be run: its parts are then checked to be whole
 * @throws SpecError where the parts do not fit each other
 */
export async function compose(plan: Plan, seed: number, { directory }: { directory?: string } = {}): Promise<Cell> {
  const cellId = digest({ specId: plan.specId, seed });
  const { wire } = await import("./wire.js"); // it alone loads the container, which takes a tenth of a second
  const wired = await wire(plan, seed, directory !== undefined);
  const { spec, specId, plugins, environment } = plan;
  const { checksum } = plan.dataset;
  const { name, batchSize, evaluation } = spec;
  return { name, seed, spec, specId, cellId, plugins, checksum, environment, batchSize, evaluation, ...wired };
}

const slips = new Set<unknown>([Error, RangeError, TypeError, ReferenceError, SyntaxError, EvalError, URIError]);

/**
 * Makes one part.
 * @throws SpecError that names it where it refuses options that do not fit what is given, by a RangeError, or slipped
 */
export async function make<K extends Kind>(
  { plugin, options }: Chosen<K>,
  given: Given[K] | Given<never>[K],
  where: string,
): Promise<Parts[K]> {
  let part: Parts[K];
  try {
    part = await plugin.create(options, given as Given<never>[K]);
  } catch (error) {
    const said = error instanceof Error ? error.message : JSON.stringify(error);
    // An error of the plugin's own class, or in its own name, says who speaks; what the language throws does not.
    const own = error instanceof Error && !slips.has(error.constructor);
    if (own || said.startsWith(`${plugin.kind}-${plugin.name}`)) throw error;
    const how = error instanceof RangeError ? "" : " (thrown by its create)";
    throw new SpecError(`${where}${plugin.kind} "${plugin.name}": ${said}${how}`, { cause: error });
  }
  checkPart(part, plugin, where);
  return part;
}
