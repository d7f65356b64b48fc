import { digest } from "@everlearn/digest";
import type { Cell } from "./cell.js";
import type { Plan } from "./plan.js";

/**
 * Creates all parts of a planned run for one seed. All randomness comes from generators named after what they are for,
 * so that at one seed every learner sees the same stream and every network of one shape begins with the same weights.
 * @throws SpecError where the parts do not fit each other
 */
export async function createCell(plan: Plan, seed: number): Promise<Cell> {
  const cellId = digest({ specId: plan.specId, seed });
  const { wire } = await import("./container.js"); // it alone loads the container, which takes a tenth of a second
  const wired = await wire(plan, seed);
  const { spec, specId, plugins, environment, suite } = plan;
  const { checksum } = plan.dataset;
  const { name, batchSize, evaluation } = spec;
  return {
    name,
    seed,
    spec,
    specId,
    cellId,
    plugins,
    checksum,
    environment,
    batchSize,
    evaluation,
    ...(suite === undefined ? {} : { suite }),
    ...wired,
  };
}
