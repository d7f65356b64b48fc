// A stranger's program, compiled against the packed packages in each way in which TypeScript looks for modules.
import { type Buffer, DivergedError, type Learner, type Plugin, type State } from "@everlearn/contracts";
import { reservoir } from "@everlearn/buffer-reservoir";
import merPlugin, { mer } from "@everlearn/learner-mer";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { rotated } from "@everlearn/stream-rotated";
import { glyphs } from "@everlearn/dataset-glyphs";

type Order = { readonly id: number; readonly items: readonly string[] };
const orders: Buffer<Order> = reservoir<Order>({ capacity: 10 }, { random: random(0) });
orders.add({ id: 1, items: ["tea"] });
const ids: number[] = orders.sample(3).map(({ id }) => id);
// @ts-expect-error An order is no number.
orders.add(3);
// @ts-expect-error A capacity is needed.
reservoir({}, { random: random(0) });
// @ts-expect-error There are two variants.
reservoir({ capacity: 10, variant: "other" }, { random: random(0) });

const network = mlp({ hidden: [8] }, { inputs: 784, outputs: 10, random: random(0) });
const memory: Buffer = reservoir({ capacity: 50 }, { random: random(1) });
const learner: Learner = mer({ alpha: 0.1, s: 2, k: 5 }, { network, buffer: memory });
const stream = rotated({ tasks: 2 }, { dataset: glyphs({ train: 100 }), random: random(2) });
const saved: State = learner.save();

const kind: "learner" = merPlugin.kind;
const options = { capacity: { type: "integer", minimum: 1, description: "The most examples it holds." } } as const;
const own: Plugin<"buffer", typeof options> = {
  ...{ kind: "buffer", name: "own", contract: 2, description: "A reservoir without variants." },
  options,
  create: ({ capacity }, given) => reservoir({ capacity }, given),
};

export { DivergedError, own, ids, kind, saved, stream };
