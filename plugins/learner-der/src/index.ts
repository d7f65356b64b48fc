import type { Buffer, Example, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { assertDraws, queryOf } from "@everlearn/learning";

const options = {
  alpha: { type: "number", minimum: 0, description: "The weight α of the loss on the draws' stored logits." },
  rate: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
  replay: {
    type: "integer",
    minimum: 1,
    description: "The number of draws from the buffer for each batch.",
  },
} as const;

/** An example with the logits that the network gave it on arrival. */
type Remembered = Example & { readonly logits: Float32Array };

/**
 * Dark Experience Replay, Buzzega et al. 2020: one SGD step on the batch's mean loss plus α times the mean squared
 * difference between the logits of draws from the buffer and those that the network gave them on arrival.
 * @throws RangeError if the buffer can never hold `replay` examples.
 */
export function der(
  { alpha, rate, replay }: OptionsFor<typeof options>,
  { network, buffer }: { network: Network; buffer: Buffer },
): Learner {
  assertDraws(buffer, { replay });
  const memory = buffer as Buffer<Remembered>;
  const { outputs } = network;
  return {
    observe(batch) {
      const logits = network.logits(batch);
      const remembered = memory.sample(replay);
      const count = batch.length + remembered.length; // what `descend` divides by
      network.descend(
        [
          ...batch.map((example) => ({ weight: count / batch.length, ...example })),
          ...remembered.map((example) => ({
            logits: example.logits,
            weight: (alpha * count) / remembered.length,
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
  name: "der",
  contract: 2,
  description: "Dark Experience Replay: replayed examples are held to the logits that the network once gave them.",
  paper: "arXiv:2004.07211",
  options,
  needs: ["network", "buffer"],
  create: der,
};
export default plugin;
