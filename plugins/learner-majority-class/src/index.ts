import type { Learner, Plugin } from "@everlearn/contracts";
import { bestOf } from "@everlearn/learning";

/** The majority-class baseline: answers the class that has come most often, the lowest of equals, whatever the input. */
export function majorityClass(_: object, { outputs }: { outputs: number }): Learner {
  let counts = new Uint32Array(outputs);
  return {
    observe(batch) {
      for (const { y } of batch) counts[y]++;
    },
    predict(queries) {
      const scores = new Float64Array(queries.length * outputs);
      for (let i = 0; i < queries.length; i++) scores.set(counts, i * outputs);
      return bestOf(queries, scores, counts);
    },
    save: () => counts.slice(),
    load(state) {
      counts = (state as Uint32Array<ArrayBuffer>).slice();
    },
  };
}

const plugin: Plugin<"learner"> = {
  kind: "learner",
  name: "majority-class",
  contract: 2,
  description: "Majority class: answers the class that has come most often.",
  paper: "doi:10.1145/2783258.2783372",
  options: {},
  create: majorityClass,
};
export default plugin;
