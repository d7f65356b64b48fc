import { setTimeout as wait } from "node:timers/promises";
import { type Assignment, createDesk, type Standing } from "./desk.js";

/** After so many passes in a row that brought nothing over, it is given up; milliseconds between them. */
const ATTEMPTS = 3;
const PAUSE = 1000;

/** Brings over what is not yet there of the runs in a folder, as long as that gets on. @returns how things stand then */
export async function send(folder: string, assignments: readonly Assignment[]): Promise<Standing> {
  const desk = createDesk(folder, assignments);
  try {
    for (let [failures, least] = [0, Infinity]; ; ) {
      const standing = await desk.pass(true);
      failures = standing.pending < least ? 0 : failures + 1;
      least = Math.min(least, standing.pending);
      if (standing.pending === 0 || failures === ATTEMPTS) return standing;
      await wait(PAUSE);
    }
  } finally {
    await desk.close();
  }
}

/** Such as "Of 3 runs 1 is not sent whole, 1,204 values or files are missing". */
export function behindOf({ runs, behind, pending }: Standing): string {
  const things = `${pending.toLocaleString("en")} ${pending === 1 ? "value or file is" : "values or files are"} missing`;
  return `Of ${runs} ${runs === 1 ? "run" : "runs"} ${behind} ${behind === 1 ? "is" : "are"} not sent whole, ${things}`;
}
