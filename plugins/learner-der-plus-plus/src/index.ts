import type { Buffer, Example, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { assertDraws, queryOf } from "@everlearn/learning";

const options = {
  alpha: { type: "number", minimum: 0, description: "The weight α of the loss on the draws' stored logits." },
  beta: { type: "number", minimum: 0, description: "The weight β of the loss on the draws' labels." },
  rate: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
  replay: {
    type: "integer",
    minimum: 1,
    description: "The number of draws from the buffer for each batch, once for logits and once for labels.",
  },
} as const;

/** An example with the logits that the network gave it on arrival. */
type Remembered = Example & { readonly logits: Float32Array };

/**
 * Dark Experience Replay++, Buzzega et al. 2020: one SGD step on the batch's mean loss plus α times the mean squared
 * difference between the logits of draws from the buffer and those that the network gave them on arrival, plus β times the
 * mean loss of other draws.
 * @throws RangeError if the buffer can never hold `replay` examples.
 */
export function derPlusPlus(
  { alpha, beta, rate, replay }: OptionsFor<typeof options>,
  { network, buffer }: { network: Network; buffer: Buffer },
): Learner {
  assertDraws(buffer, { replay });
  const memory = buffer as Buffer<Remembered>;
  const { outputs } = network;
  return {
    observe(batch) {
      const logits = network.logits(batch);
      const remembered = memory.sample(replay);
      const labelled = memory.sample(replay);
      const count = batch.length + remembered.length + labelled.length; // what `descend` divides by
      network.descend(
        [
          ...batch.map((example) => ({ weight: count / batch.length, ...example })),
          ...remembered.map((example) => ({
            logits: example.logits,
            weight: (alpha * count) / remembered.length,
            ...queryOf(example),
          })),
          ...labelled.map((example) => ({
            y: example.y,
            weight: (beta * count) / labelled.length,
            ...queryOf(example),
          })),
        ],
        rate,
      );
      batch.forEach((example, i) => {
        memory.add({ logits: logits.slice(i * outputs, (i + 1) * outputs), ...example });
      });
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "der-plus-plus",
  contract: 2,
  description: "Dark Experience Replay++: replayed examples are held to their former logits and to their labels.",
  paper: "arXiv:2004.07211",
  options,
  needs: ["network", "buffer"],
  create: derPlusPlus,
};
export default plugin;
