import type { Learner, Plugin } from "@everlearn/contracts";

/** The no-change baseline, also called persistence: answers the class of the latest example, whatever the input. */
export function noChange(): Learner {
  let latest = 0;
  return {
    observe(batch) {
      latest = batch[batch.length - 1].y;
    },
    predict: (queries) =>
      Uint16Array.from(queries, ({ outputs }) =>
        outputs === undefined || outputs.includes(latest) ? latest : outputs[0],
      ),
    save: () => latest,
    load(state) {
      latest = state as number;
    },
  };
}

const plugin: Plugin<"learner"> = {
  kind: "learner",
  name: "no-change",
  contract: 2,
  description: "No change: answers the class of the latest example.",
  paper: "doi:10.1007/s10994-014-5441-4",
  options: {},
  create: noChange,
};
export default plugin;
