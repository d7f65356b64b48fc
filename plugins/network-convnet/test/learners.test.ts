// Learners that keep, restore or step θ virtually, on networks whose running statistics go along.
import { reservoir } from "@everlearn/buffer-reservoir";
import type { Learner, Network, Query } from "@everlearn/contracts";
import { gdumb } from "@everlearn/learner-gdumb";
import { icarl } from "@everlearn/learner-icarl";
import { lwf } from "@everlearn/learner-lwf";
import { mir } from "@everlearn/learner-mir";
import { completeNetwork } from "@everlearn/network";
import { batches, lesson } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { pairOf, same, sameTheta } from "./oracle/compare.js";
import type { Definition } from "./oracle/network.js";

const definition: Definition = {
  shape: [4, 4, 1],
  outputs: 4,
  layers: [
    { layer: "conv", filters: 5, padding: 1, bias: false },
    { layer: "batch norm" },
    { layer: "relu" },
    {
      layer: "residual",
      layers: [
        { layer: "conv", filters: 5, padding: 1 },
        { layer: "batch norm", momentum: 0.3 },
      ],
    },
    { layer: "relu" },
    { layer: "global average" },
  ],
};
/** Two tasks with two classes of their own. */
const { tasks, queries } = lesson({
  classes: [
    [0, 1],
    [2, 3],
  ],
  examples: 36,
});
const bufferOf = () => reservoir({ capacity: 20 }, { random: random(4) });

const learners: Readonly<Record<string, (network: Network) => Learner>> = {
  icarl: (network) => icarl({ alpha: 0.1, replay: 4, exemplarsPerClass: 5 }, { network, random: random(3) }),
  lwf: (network) => lwf({ alpha: 0.1 }, { network }),
  mir: (network) => mir({ alpha: 0.1, replay: 3, candidates: 9 }, { network, buffer: bufferOf() }),
  gdumb: (network) => gdumb({ capacity: 12, passes: 3, k: 5, clip: 0.5 }, { network, random: random(3) }),
};

it.each(Object.entries(learners))("%s has the oracle's bits", (name, make) => {
  const pair = pairOf(definition, 6);
  const before = pair.network.theta.toArray();
  const [one, other] = [completeNetwork(pair.network), completeNetwork(pair.plain)].map(make);
  const asked: Query[] = queries.flatMap((some) => some.slice(0, 20));
  tasks.forEach((examples, task) => {
    for (const batch of batches(examples, 5, 2)) {
      one.observe(batch);
      other.observe(batch);
      sameTheta(`of ${name}, task ${task}`, pair);
    }
    one.endTask?.();
    other.endTask?.();
    same(`answers of ${name} after task ${task}`, one.predict(asked), other.predict(asked));
    sameTheta(`of ${name} after answers, task ${task}`, pair);
  });
  if (name !== "gdumb") return expect(pair.network.theta.toArray()).not.toEqual(before);
  const [trained, expected] = [one, other].map((learner) => (learner.save() as { trained: Float32Array }).trained);
  same("what GDumb trained", trained, expected);
  expect(pair.network.theta.toArray()).toEqual(before);
});
