// Makes attempts, and tells of each before and after: whoever started it sees at which one it hangs or dies.
import { attacks } from "./attacks.mjs";

async function attempt({ attack, from, to, seed }) {
  for (let index = from; index < to; index++) {
    process.send({ index });
    try {
      process.send({ index, ended: await attacks[attack].attempt(index, seed) });
    } catch (error) {
      process.send({ index, ended: "breach", what: String(error?.stack ?? error).slice(0, 2000) });
    }
  }
  process.send({ done: true });
}

process.on("message", (task) => void attempt(task));
