import { spawnSync } from "node:child_process";

const asked = spawnSync("python3", ["-c", "import sys; print(sys.version_info >= (3, 9))"], { encoding: "utf8" });

/** Whether there is a Python that can run learners. Where there is none, that is said once. */
export const hasPython = asked.stdout?.trim() === "True";
if (!hasPython) console.warn("Skipped: learners in Python, since there is no python3 of version 3.9 or later.");

/** Whether that Python has PyTorch. Where it has none, that is said once. */
export function hasTorch(): boolean {
  if (hasPython && spawnSync("python3", ["-c", "import torch"]).status === 0) return true;
  console.warn("Skipped: the learner with PyTorch, since python3 has no torch here.");
  return false;
}
