import { createTracker } from "@everlearn/host";
import { Failure } from "../failure.js";
import { home } from "../home.js";
import { behindOf, send } from "../tracking/send.js";
import { shown } from "./run.js";

export interface SyncArguments {
  readonly tracker: string;
}

/** `everlearn sync`: brings over what is not yet there of the runs in a folder, and nothing twice. */
export async function syncRuns(folder: string, { tracker: name }: SyncArguments): Promise<void> {
  const tracker = await createTracker({ use: name }, [process.cwd(), home]);
  const standing = await send(folder, [{ name, tracker }]);
  const { runs, pending, problem = "the tracker does not say why." } = standing;
  if (pending > 0) throw new Failure(`${behindOf(standing)}: ${problem}\nThe same command goes on from there.`);
  if (runs === 0) throw new Failure(`There are no runs in ${shown(folder)}; name the folder that was --out.`);
  process.stdout.write(runs === 1 ? "The run has arrived whole.\n" : `All ${runs} runs have arrived whole.\n`);
}
