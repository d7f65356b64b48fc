import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { learner } from "./learner.mjs";

// A process that leaves its group outlives the learner's, and writes a better result, sealed, once there is one.
export default learner("result-later", (honest, { file }) => {
  const liar = fileURLToPath(new URL("liar.mjs", import.meta.url));
  spawn(process.execPath, [liar, file], { detached: true, stdio: "ignore" }).unref();
  return honest;
});
