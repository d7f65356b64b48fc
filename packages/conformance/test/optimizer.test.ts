import { checkOptimizer, referenceNetwork } from "@everlearn/conformance";
import type { Network, Plugin, State, Vector } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches, failures } from "./caught.js";

const options = { mu: { type: "number", minimum: 0, default: 0.9, description: "The share of momentum." } } as const;
interface Toy {
  readonly network: Network;
  readonly optimizer: Network;
  readonly velocity: Vector;
  readonly options: { mu: number };
}

/** Gradient descent with momentum. */
function momentum(given: { mu: number }, network: Network): Toy {
  const velocity = network.vector();
  const step: Network["step"] = (gradient, rate) => {
    velocity.times(given.mu);
    velocity.add(gradient);
    network.step(velocity, rate);
  };
  const optimizer: Network = {
    ...network,
    get loss() {
      return network.loss;
    },
    step,
    descend(batch, rate, { clip = Infinity } = {}) {
      const gradient = network.gradient(batch);
      const norm = Math.sqrt(gradient.dot(gradient));
      if (norm > clip) gradient.times(clip / norm);
      step(gradient, rate);
      return network.loss;
    },
    save: () => ({ network: network.save(), velocity: velocity.toArray() }),
    load(state) {
      const saved = state as { network: State; velocity: Float32Array };
      network.load(saved.network);
      velocity.fromArray(saved.velocity);
    },
  };
  return { network, optimizer, velocity, options: given };
}

/** Tries the toy optimizer, but for what is changed. */
const checking =
  (change: (toy: Toy) => Partial<Network>, network?: typeof referenceNetwork) =>
  (setup: { rate?: number } = {}) => {
    const plugin: Plugin<"optimizer", typeof options> = {
      kind: "optimizer",
      name: "toy",
      description: "Momentum to try the checks with.",
      options,
      create(given, parts) {
        const toy = momentum(given, parts.network);
        const changed = { ...toy.optimizer, ...change(toy) };
        return Object.defineProperty(changed, "loss", { get: () => parts.network.loss });
      },
    };
    return checkOptimizer(plugin, { ...setup, ...(network && { network: (given) => network({ hidden: 5 }, given) }) });
  };

let instances = 0;

describe("checkOptimizer", () => {
  it("passes a sound optimizer", () => checking(() => ({}))());
  it("passes a sound optimizer of another network", () => checking(() => ({}), referenceNetwork)());
  it("passes plain descent, which remembers nothing", () => checking(({ network }) => network)({ rate: 0.1 }));

  catches("optimizer", {
    creation: [checking(() => Object.fromEntries([["step"]])), "it has no step"],
    purity: [
      checking(({ optimizer }) => ({ step: (g, rate) => optimizer.step(g, Math.random() < 2 ? rate : 0) })),
      "it used Math.random()",
    ],
    "options unchanged": [
      checking(({ options: given }) => {
        given.mu = 0.5;
        return {};
      }),
      "options.mu is 0.5 rather than 0.9",
    ],
    "inputs unchanged": [
      checking(({ optimizer }) => ({
        step(gradient, rate) {
          gradient.times(0.5);
          optimizer.step(gradient, rate);
        },
      })),
      "gradient[",
    ],
    "same seed": [
      checking(({ optimizer }) => {
        const own = 1 + instances++ * 1e-3;
        return { descend: (batch, rate, limits) => optimizer.descend(batch, rate * own, limits) };
      }),
      "of 30 came out otherwise",
    ],
    "plain state": [
      checking(({ velocity }) => ({ save: () => ({ velocity }) as unknown as State })),
      "in its state velocity.set is a function",
    ],
    resumption: [
      checking(({ network, optimizer }) => ({
        load: (state) => network.load((state as { network: State }).network),
        save: optimizer.save,
      })),
      "came out otherwise",
    ],
    "undisturbed by save": [
      checking(({ optimizer, velocity }) => ({
        save() {
          const state = optimizer.save();
          velocity.times(0.9);
          return state;
        },
      })),
      "step 2 of 30 came out otherwise",
    ],
    "saved copy": [
      checking(({ network, velocity }) => ({
        save: () => ({ network: network.save(), velocity: (velocity as Vector & { values: Float32Array }).values }),
      })),
      "in the saved state velocity[",
    ],
    "loaded copy": [
      checking(({ optimizer, velocity }) => {
        let held: Float32Array | undefined;
        return {
          load(state) {
            held = (state as { velocity: Float32Array }).velocity;
            optimizer.load(state);
          },
          descend(...values) {
            const loss = optimizer.descend(...values);
            held?.set(velocity.toArray());
            return loss;
          },
        };
      }),
      "in the given state velocity[",
    ],
    replacement: [
      checking(({ network, optimizer, velocity }) => ({
        load(state) {
          const before = velocity.toArray();
          optimizer.load(state);
          if (before.some((value) => value !== 0)) velocity.fromArray(before);
          network.load((state as { network: State }).network);
        },
      })),
      "of 30 came out otherwise",
    ],
    "the network itself": [
      checking(({ network }) => {
        network.theta.times(0.9);
        return {};
      }),
      "before any step, θ[0] is",
    ],
    descent: [
      checking(({ optimizer }) => ({ descend: (batch, rate) => optimizer.descend(batch, rate) })),
      "after 1 steps, the last with clip at 0.1 of the gradient's length, θ[",
    ],
    loss: [
      checking(({ network, optimizer }) => ({
        descend(batch, rate, limits) {
          optimizer.descend(batch, rate, limits);
          return network.losses(batch)[0];
        },
      })),
      "where the mean of weight · loss of",
    ],
    rates: [
      checking(({ network, optimizer }) => ({
        step: (gradient, rate) =>
          optimizer.step(
            gradient,
            typeof rate === "number" ? rate : rate.dot(network.gradient([{ x: new Float32Array(14), y: 0 }])),
          ),
      })),
      "θ[",
    ],
    divergence: [
      checking(({ optimizer }) => ({
        descend(batch, rate, limits) {
          try {
            return optimizer.descend(batch, rate, limits);
          } catch {
            return 0;
          }
        },
      })),
      "where θ is NaN, descend answered",
    ],
    learning: [
      checking(({ optimizer }) => ({ descend: (batch, rate, limits) => optimizer.descend(batch, rate / 1e5, limits) })),
      "after 2000 steps at rate 0.01",
    ],
    disposal: [
      checking(() => {
        let there = true;
        return {
          dispose() {
            if (!there) throw new Error("It is gone.");
            there = false;
          },
        };
      }),
      "it threw Error: It is gone",
    ],
  });

  const changes: [string, Parameters<typeof checking>[0], string][] = [
    ["gradients of its own", ({ velocity }) => ({ gradient: () => velocity }), "before any step, gradient[0] is"],
    [
      "logits of its own",
      ({ network }) => ({ logits: (queries) => network.logits(queries).map((z) => 2 * z) }),
      "before any step, logits[0] is",
    ],
    [
      "a θ of its own",
      ({ network }) => {
        const theta = network.vector();
        theta.set(network.theta);
        return { theta };
      },
      "after four steps, theta[0] is",
    ],
    ["no steps", () => ({ descend: () => 0 }), "after four steps the network's θ is as it was"],
  ];
  it.each(changes)("catches an optimizer with %s", async (_, change, says) => {
    const found = await failures(checking(change)());
    expect(found.find(({ check }) => check === "the network itself")?.sentence).toContain(says);
  });
});
