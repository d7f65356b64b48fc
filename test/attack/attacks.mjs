// The attacks by name. Each has a count for the whole programme, and judges one attempt by its index: it answers how the attempt
// ended, or throws where a promise was broken.
import { cheat, cheats } from "./cheating.mjs";
import { fault } from "./faults.mjs";
import { forgery } from "./forgeries.mjs";
import { kill } from "./kills.mjs";
import { journal, receipt, spec } from "./reading.mjs";
import { string } from "./strings.mjs";

export const attacks = {
  specs: { count: 20_000, attempt: spec },
  receipts: { count: 5_000, attempt: receipt },
  journals: { count: 5_000, attempt: journal },
  strings: { count: 500, attempt: string },
  forgeries: { count: 1_000, attempt: forgery },
  faults: { count: 400, attempt: fault },
  kills: { count: 150, attempt: kill },
  cheats: { count: cheats.length, attempt: cheat },
};
