import type { Buffer, Example, OptionsFor, Plugin, Random } from "@everlearn/contracts";

const options = {
  capacity: { type: "integer", minimum: 1, description: "The most examples it holds." },
} as const;

/** One class: the m examples that are held, the number n that were seen, and whether m may grow no further. */
type Class = {
  readonly held: Example[];
  seen: number;
  full: boolean;
};

/**
 * Class-balancing reservoir sampling, Algorithm 1 of Chrysakis & Moens 2020. Until it has reached its capacity it keeps
 * every example. From then on, an example of a full class replaces a random one of its own class with probability m/n, and
 * an example of another class always replaces a random one of the largest. A class is full once it has been the largest,
 * ties included.
 */
export function classBalanced({ capacity }: OptionsFor<typeof options>, { random }: { random: Random }): Buffer {
  let classes: Class[] = [];
  let size = 0;

  function largest(): Class[] {
    const most = classes.reduce((max, { held }) => Math.max(max, held.length), 0);
    return classes.filter(({ held }) => held.length === most);
  }

  /** Draws one of all examples of some classes, and returns where it is held. */
  function draw(among: readonly Class[]): [held: Example[], place: number] {
    let place = random.integer(among.reduce((sum, { held }) => sum + held.length, 0));
    let c = 0;
    for (; place >= among[c].held.length; c++) place -= among[c].held.length;
    return [among[c].held, place];
  }

  return {
    capacity,
    get size() {
      return size;
    },
    add(example) {
      while (classes.length <= example.y) classes.push({ held: [], seen: 0, full: false });
      const own = classes[example.y];
      own.seen++;
      if (size < capacity) {
        own.held.push(example);
        size++;
      } else if (!own.full) {
        const [held, place] = draw(largest());
        held.splice(place, 1);
        own.held.push(example);
      } else if (random.integer(own.seen) < own.held.length) own.held[random.integer(own.held.length)] = example;
      if (size === capacity) for (const one of largest()) one.full = true;
    },
    sample: (count) =>
      Array.from({ length: Math.min(count, size) }, () => {
        const [held, place] = draw(classes);
        return held[place];
      }),
    all: () => classes.flatMap(({ held }) => held),
    save: () => classes.map((one) => ({ ...one, held: [...one.held] })),
    load(state) {
      classes = (state as readonly Class[]).map((one) => ({ ...one, held: [...one.held] }));
      size = classes.reduce((sum, { held }) => sum + held.length, 0);
    },
  };
}

const plugin: Plugin<"buffer", typeof options> = {
  kind: "buffer",
  name: "class-balanced",
  contract: 2,
  description: "Class-balancing reservoir sampling: as many examples of each class as the stream allows.",
  paper: "Chrysakis & Moens 2020, Online Continual Learning from Imbalanced Data (ICML)",
  options,
  create: classBalanced,
};
export default plugin;
