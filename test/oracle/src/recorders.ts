import type { Buffer, Example, Network, Term } from "@everlearn/contracts";

/** A call of a network's `descend`. */
export interface Step {
  readonly batch: readonly Term[];
  readonly rate: number;
  /** The network's parameters before it. */
  readonly theta: Float32Array;
}

/** The steps that a network makes by `descend` from now on. */
export function recordSteps(network: Network): Step[] {
  const steps: Step[] = [];
  const { descend } = network;
  network.descend = (batch, rate, options) => {
    steps.push({ batch, rate, theta: network.theta.toArray() });
    return descend(batch, rate, options);
  };
  return steps;
}

/** What is drawn from a buffer from now on. */
export function recordDraws<E = Example>(buffer: Buffer<E>): E[][] {
  const draws: E[][] = [];
  const { sample } = buffer;
  buffer.sample = (count) => {
    const drawn = sample(count);
    draws.push([...drawn]); // the learner may do with its array as it likes
    return drawn;
  };
  return draws;
}

/** The calls from now on that move a network and use a buffer, in order: "descend", "step", "sample 5", "add". */
export function recordEvents(network: Network, buffer: Buffer): string[] {
  const events: string[] = [];
  const { descend, step } = network;
  const { sample, add } = buffer;
  network.descend = (...given) => {
    events.push("descend");
    return descend(...given);
  };
  network.step = (...given) => {
    events.push("step");
    step(...given);
  };
  buffer.sample = (count) => {
    events.push(`sample ${count}`);
    return sample(count);
  };
  buffer.add = (example) => {
    events.push("add");
    add(example);
  };
  return events;
}
