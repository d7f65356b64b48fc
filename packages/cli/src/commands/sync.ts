import { readSpecs } from "@everlearn/host";
import { Failure } from "../failure.js";
import { packageRoot } from "../package-root.js";
import { displayPath } from "../display-path.js";
import { assignmentsOf, type Order, ordersOf, trackedBy } from "../tracking/orders.js";
import { behindOf, send } from "../tracking/send.js";

export interface SyncArguments {
  readonly tracker?: string;
  readonly spec?: readonly string[];
}

/** `everlearn sync`: brings over what is not yet there of the runs in a folder, and nothing twice. */
export async function syncRuns(folder: string, { tracker, spec: files }: SyncArguments): Promise<void> {
  const orders = files ? await ordersIn(files, tracker) : [orderOf(tracker ?? "mlflow")];
  const standing = await send(folder, await assignmentsOf(orders));
  const { runs, pending, problem = "the tracker does not say why." } = standing;
  if (pending > 0) throw new Failure(`${behindOf(standing)}: ${problem}\nThe same command goes on from there.`);
  if (runs === 0) throw new Failure(`There are no runs in ${displayPath(folder)}; name the folder that was --out.`);
  process.stdout.write(runs === 1 ? "The run has arrived whole.\n" : `All ${runs} runs have arrived whole.\n`);
}

/** A tracker that is known by its name alone, for all runs. */
const orderOf = (use: string): Order => ({ choice: { use }, from: [process.cwd(), packageRoot] });

/** The trackers of specs with the options that they have there. */
async function ordersIn(files: readonly string[], tracker: string | undefined): Promise<Order[]> {
  const specs = (await Promise.all(files.map((file) => readSpecs(file)))).flat();
  const orders = ordersOf(trackedBy(specs, tracker === undefined ? [] : [tracker]));
  if (orders.length === 0)
    throw new Failure(`There are no trackers in ${files.join(", ")}; name one with --tracker, such as mlflow.`);
  return orders;
}
