import { checkOptimizer, referenceNetwork } from "@everlearn/conformance";
import type { Optimizer, Plugin, State, Vector } from "@everlearn/contracts";
import { expect, it, describe } from "vitest";
import { catches, failures } from "./caught.js";

const options = { mu: { type: "number", minimum: 0, default: 0.9, description: "The share of momentum." } } as const;
interface Toy {
  readonly optimizer: Optimizer;
  readonly velocity: Vector;
  readonly options: { mu: number };
}

/** Gradient descent with momentum. */
function momentum(given: { mu: number }, velocity: Vector): Toy {
  const optimizer: Optimizer = {
    update(theta, gradient, rate) {
      velocity.times(given.mu);
      velocity.add(gradient);
      if (typeof rate === "number") theta.add(velocity, -rate);
      else theta.addProduct(rate, velocity, -1);
    },
    save: () => velocity.toArray(),
    load: (state) => velocity.fromArray(state as Float32Array),
  };
  return { optimizer, velocity, options: given };
}

/** Tries the toy optimizer, but for what is changed. */
const checking =
  (change: (toy: Toy) => Partial<Optimizer>, setup: Parameters<typeof checkOptimizer>[1] = {}) =>
  () => {
    const plugin: Plugin<"optimizer", typeof options> = {
      kind: "optimizer",
      name: "toy",
      contract: 2,
      description: "Momentum to try the checks with.",
      options,
      create(given, parts) {
        const toy = momentum(given, parts.vector());
        return { ...toy.optimizer, ...change(toy) };
      },
    };
    return checkOptimizer(plugin, setup);
  };

let instances = 0;

describe("checkOptimizer", () => {
  it("passes a sound optimizer", () => checking(() => ({}))());
  it("passes a sound optimizer of another network", () =>
    checking(() => ({}), { network: (given) => referenceNetwork({ hidden: 5 }, given) })());

  it("passes an optimizer made of another one, whose state goes with it", () => {
    const plugin = (needs: "of"[]): Plugin<"optimizer", typeof options, "of"> => ({
      kind: "optimizer",
      name: "halved",
      contract: 2,
      description: "Another optimizer's updates, of half the gradient.",
      options,
      needs,
      create(_, { of, ...given }) {
        const half = given.vector();
        return {
          update(theta, gradient, rate) {
            half.set(gradient);
            half.times(0.5);
            of.update(theta, half, rate);
          },
          save: () => null,
          load() {},
        };
      },
    });
    return checkOptimizer(plugin(["of"]), { of: (given) => momentum({ mu: 0.9 }, given.vector()).optimizer });
  });

  catches("optimizer", {
    creation: [checking(() => Object.fromEntries([["update"]])), "it has no update"],
    purity: [
      checking(({ optimizer }) => ({
        update: (theta, gradient, rate) => optimizer.update(theta, gradient, Math.random() < 2 ? rate : 0),
      })),
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
        update(theta, gradient, rate) {
          gradient.times(0.5);
          optimizer.update(theta, gradient, rate);
        },
      })),
      "gradient[",
    ],
    "same seed": [
      checking(({ optimizer, velocity }) => {
        const own = 1 + instances++ * 1e-3;
        return {
          update(theta, gradient, rate) {
            optimizer.update(theta, gradient, rate);
            velocity.times(own);
          },
        };
      }),
      "of 30 came out otherwise",
    ],
    "plain state": [
      checking(({ velocity }) => ({ save: () => ({ velocity }) as unknown as State })),
      "in its state optimizer.velocity is a ArrayVector",
    ],
    resumption: [checking(() => ({ load() {} })), "came out otherwise"],
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
      checking(({ optimizer, velocity }) => {
        const live = velocity.toArray();
        return {
          update(...values) {
            optimizer.update(...values);
            live.set(velocity.toArray());
          },
          save: () => live,
        };
      }),
      "in the saved state optimizer[",
    ],
    "loaded copy": [
      checking(({ optimizer, velocity }) => {
        let held: Float32Array | undefined;
        return {
          load(state) {
            held = state as Float32Array;
            optimizer.load(state);
          },
          update(...values) {
            optimizer.update(...values);
            held?.set(velocity.toArray());
          },
        };
      }),
      "in the given state optimizer[",
    ],
    replacement: [
      checking(({ optimizer, velocity }) => ({
        load(state) {
          if (velocity.toArray().every((value) => value === 0)) optimizer.load(state);
        },
      })),
      "given its state after 0 steps, step 1 of 30 came out otherwise",
    ],
    rates: [
      checking(({ optimizer }) => ({
        update: (theta, gradient, rate) =>
          optimizer.update(theta, gradient, typeof rate === "number" ? rate : Math.max(...rate.toArray())),
      })),
      "θ[",
    ],
    "rate 0": [
      checking(({ optimizer }) => ({
        update(theta, gradient, rate) {
          theta.times(0.999);
          optimizer.update(theta, gradient, rate);
        },
      })),
      "θ[",
    ],
    divergence: [
      checking(({ optimizer, velocity }) => ({
        update(theta, gradient, rate) {
          if (Number.isFinite(gradient.dot(velocity))) optimizer.update(theta, gradient, rate);
        },
      })),
      "θ is finite",
    ],
    learning: [
      checking(({ optimizer }) => ({
        update: (theta, gradient, rate) =>
          optimizer.update(theta, gradient, typeof rate === "number" ? rate / 1e5 : rate),
      })),
      "after 2000 steps at rate 0.01",
    ],
  });

  it("catches an optimizer that moves at a rate of zeros, but not at 0", async () => {
    const found = await failures(
      checking(({ optimizer }) => ({
        update(theta, gradient, rate) {
          optimizer.update(theta, gradient, rate);
          if (typeof rate !== "number") theta.times(0.999);
        },
      }))(),
    );
    expect(found.find(({ check }) => check === "rate 0")?.sentence).toContain("by a vector of zeros, θ[");
  });
});
