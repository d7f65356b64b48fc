import type { Receipt } from "@everlearn/records";
import type { DefinedRun, SuiteDefinition } from "../../src/index.js";
import { learners, madeUp } from "../receipts.js";

type Spec = Receipt["spec"];

/** Every part that a closed track closes, with packages. */
export const plugins = Object.fromEntries(
  ["dataset/mnist", "stream/rotated", "scenario/domain-il", "network/mlp", "learner/er", "buffer/reservoir"].map(
    (pair) => {
      const [kind, name] = pair.split("/");
      return [kind, { name, package: `@everlearn/${kind}-${name}`, version: "0.1.0" }];
    },
  ),
);

export const seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A receipt of ER, as honest as they come. */
export function honest(seed: number, change: (receipt: Receipt) => Receipt = (one) => one): Receipt {
  const made = madeUp({ learner: learners[2], seed });
  return change({ ...made, plugins, spec: { ...made.spec, learner: { use: "er" } } });
}

/** Receipts of a stranger's run: as honest, but for the change. */
export function strange(
  change: (spec: Spec, receipt: Receipt) => { readonly [F in keyof Receipt]?: Receipt[F] | undefined },
  of: readonly number[] = seeds,
): Receipt[] {
  return of.map((seed) =>
    honest(seed, (one) => {
      const named = { ...one, name: "strange", specId: "f".repeat(64), cellId: seed.toString(16).padStart(64, "f") };
      const spec = { ...named.spec, name: "strange", label: "Strange" };
      const made: unknown = { ...named, spec, ...change(spec, named) };
      return made as Receipt;
    }),
  );
}

/** The organiser's suite: closed, ER at 200 examples, ten seeds. */
export function definition(change: Partial<SuiteDefinition> = {}, run: Partial<DefinedRun> = {}): SuiteDefinition {
  const { spec, checksum = null } = honest(0);
  const runs = [{ spec: { ...spec, seeds }, plugins, defaults: {}, checksum, points: null, ...run }];
  return {
    name: "rotations",
    description: "The organiser's words.",
    protocol: spec.protocol ?? {},
    id: "d".repeat(64),
    runs,
    ...change,
  };
}
