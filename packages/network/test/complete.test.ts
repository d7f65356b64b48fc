import type { Network, Optimizer, Parts, Vector } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { arrayVector, completeNetwork, countGradients, termLoss } from "../src/index.js";
import { Linear, linear, terms } from "./linear.js";

const gradientOf = (network: Pick<Network, "gradient" | "vector">, batch = terms): Vector => {
  const gradient = network.vector();
  network.gradient(batch, gradient);
  return gradient;
};
const values = (vector: Vector): number[] => [...vector.toArray()];

describe("a network of nothing but a core", () => {
  it("answers as its core does, though that is a class with private fields", () => {
    const core = linear();
    const { vector, gradient, logits, features, save, load, dispose, ...rest } = completeNetwork(core);
    expect(rest.theta).toBe(core.theta);
    expect({ inputs: rest.inputs, outputs: rest.outputs, layers: rest.layers }).toEqual({
      inputs: 2,
      outputs: 3,
      layers: [6],
    });
    expect(rest).not.toHaveProperty("tensors");
    expect(values(vector())).toEqual([0, 0, 0, 0, 0, 0]);
    expect(values(gradientOf({ gradient, vector }))).toEqual(values(gradientOf(core)));
    expect(logits(terms)).toEqual(core.logits(terms));
    expect(features(terms)).toEqual(core.features(terms));
    const saved = save();
    rest.theta.times(2);
    load(saved);
    expect(core.save()).toEqual(saved);
    dispose();
    expect(core.disposed).toBe(1);
  });

  it("reads θ through: a core may have another one later", () => {
    const core = linear();
    const network = completeNetwork(core);
    core.theta = arrayVector(new Float32Array(6));
    expect(network.theta).toBe(core.theta);
  });

  it("has no backward of its own", () => {
    expect("backward" in completeNetwork(linear())).toBe(false);
    const backward = () => undefined;
    expect(completeNetwork(Object.assign(linear(), { backward })).backward).toBeTypeOf("function");
  });

  it("steps to θ − rate · gradient, by a number and by a vector of rates", () => {
    const core = linear();
    const network = completeNetwork(core);
    const gradient = arrayVector(Float32Array.of(1, 2, 3, 4, 5, 6));
    network.step(gradient, 0.5);
    expect(values(core.theta)).toEqual([0, -2, 0.5, -1.75, -3.25, -2]);
    network.step(gradient, arrayVector(Float32Array.of(1, 0, 2, 0, 0, 0.5)));
    expect(values(core.theta)).toEqual([-1, -2, -5.5, -1.75, -3.25, -5]);
  });

  it("descends along its gradient, and answers the loss before", () => {
    const [core, other] = [linear(), linear()];
    const loss = completeNetwork(core).descend(terms, 0.1);
    const gradient = other.vector();
    expect(loss).toBe(other.gradient(terms, gradient));
    other.theta.add(gradient, -0.1);
    expect(core.theta.toArray()).toEqual(other.theta.toArray());
  });

  it("clips a gradient that is longer, and no other", () => {
    const norm = Math.sqrt(gradientOf(linear()).dot(gradientOf(linear())));
    for (const clip of [norm / 4, norm * 4]) {
      const [core, other] = [linear(), linear()];
      completeNetwork(core).descend(terms, 0.1, { clip });
      const gradient = gradientOf(other);
      if (clip < norm) gradient.times(clip / norm);
      other.theta.add(gradient, -0.1);
      expect(core.theta.toArray()).toEqual(other.theta.toArray());
    }
  });

  it("makes one vector for all its descents, and none for what never descends", () => {
    const core = linear();
    const network = completeNetwork(core);
    network.predict(terms);
    network.losses(terms);
    network.step(network.theta, 0.1);
    expect(core.vectors).toBe(0);
    network.descend(terms, 0.1);
    network.descend(terms, 0.1);
    expect(core.vectors).toBe(1);
  });

  it("answers each term's loss without its weight", () => {
    const core = linear();
    const expected = terms.map((term) => termLoss(term, core.logits([term])));
    expect(completeNetwork(core).losses(terms)).toEqual(Float32Array.from(expected));
    expect(completeNetwork(core).losses([])).toEqual(new Float32Array(0));
  });

  it("predicts the first of the largest logits among a query's outputs", () => {
    const network = completeNetwork(new Linear([1, 3, 3, 2], 4));
    const x = Float32Array.of(1);
    const queries = [{ x }, { x, outputs: [0, 2, 3] }, { x, outputs: [0, 3] }, { x: Float32Array.of(0) }];
    expect(network.predict(queries)).toEqual(Uint16Array.of(1, 2, 3, 0));
    expect(() => network.predict([{ x, outputs: [0, 4] }])).toThrow(RangeError);
  });

  it("answers inner products of vectors, and of single terms' gradients", () => {
    const core = linear();
    const network = completeNetwork(core);
    const [v, w] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 0, -1, 0, 1, 0)].map(arrayVector);
    expect(network.gram([v, w])).toEqual(Float64Array.of(91, 3, 3, 3));
    expect(network.gram([])).toEqual(new Float64Array(0));
    const gradients = terms.map((term) => gradientOf(core, [{ ...term, weight: 1 }]));
    const made = core.vectors;
    expect(network.gradientGram(terms)).toEqual(network.gram(gradients));
    network.gradientGram(terms.slice(1));
    expect(core.vectors).toBe(made + terms.length);
  });
});

describe("a network with fast paths", () => {
  const fast = () => {
    const calls: string[] = [];
    const note = <T>(name: string, answer: T) => {
      calls.push(name);
      return answer;
    };
    const core: Parts["network"] = Object.assign(linear(), {
      descend: () => note("descend", 7),
      step: () => note("step", undefined),
      losses: () => note("losses", Float32Array.of(1)),
      predict: () => note("predict", Uint16Array.of(2)),
      gram: () => note("gram", Float64Array.of(3)),
      gradientGram: () => note("gradientGram", Float64Array.of(4)),
    });
    return { core, calls };
  };
  const callAll = (network: Network) => [
    network.descend(terms, 0.1),
    network.step(network.theta, 0.1),
    network.losses(terms),
    network.predict(terms),
    network.gram([network.theta]),
    network.gradientGram(terms),
  ];

  it("uses them", () => {
    const { core, calls } = fast();
    const answers = [7, undefined, Float32Array.of(1), Uint16Array.of(2), Float64Array.of(3), Float64Array.of(4)];
    expect(callAll(completeNetwork(core))).toEqual(answers);
    expect(calls).toEqual(["descend", "step", "losses", "predict", "gram", "gradientGram"]);
  });

  it("uses all but its own descent with an optimizer", () => {
    const { core, calls } = fast();
    callAll(completeNetwork(core, momentum(core)));
    expect(calls).toEqual(["losses", "predict", "gram", "gradientGram"]);
  });

  it("derives what it lacks from those that it has", () => {
    const { core, calls } = fast();
    delete core.descend;
    delete core.gradientGram;
    const network = completeNetwork(core);
    network.descend(terms, 0.1);
    network.gradientGram(terms);
    expect(calls).toEqual(["step", "gram"]);
  });
});

/** θ ← θ − rate · m, where m ← m / 2 + gradient. */
function momentum(network: Pick<Network, "vector">, { saves = [] as string[] } = {}): Optimizer {
  const m = network.vector();
  return {
    update(theta, gradient, rate) {
      m.times(0.5);
      m.add(gradient);
      if (typeof rate === "number") theta.add(m, -rate);
      else theta.addProduct(rate, m, -1);
    },
    save() {
      saves.push("save");
      return m.toArray();
    },
    load: (state) => m.fromArray(state as Float32Array),
  };
}

describe("a network with an optimizer", () => {
  const make = () => {
    const core = linear();
    return { core, network: completeNetwork(core, momentum(core)) };
  };

  it("descends and steps by the optimizer's updates", () => {
    const { core, network } = make();
    const other = linear();
    const optimizer = momentum(other);
    const rates = arrayVector(Float32Array.of(1, 0, 2, 0, 1, 0));
    for (const clip of [Infinity, 0.1]) {
      const gradient = other.vector();
      const loss = other.gradient(terms, gradient);
      const norm = Math.sqrt(gradient.dot(gradient));
      if (norm > clip) gradient.times(clip / norm);
      optimizer.update(other.theta, gradient, 0.1);
      expect(network.descend(terms, 0.1, { clip })).toBe(loss);
      expect(core.theta.toArray()).toEqual(other.theta.toArray());
      network.step(gradient, rates);
      optimizer.update(other.theta, gradient, rates);
      expect(core.theta.toArray()).toEqual(other.theta.toArray());
    }
  });

  it("saves no state of an optimizer that it never used", () => {
    const saves: string[] = [];
    const core = linear();
    const network = completeNetwork(core, momentum(core, { saves }));
    expect(network.save()).toEqual({ network: core.save(), optimizer: null });
    expect(saves).toEqual([]);
    network.descend(terms, 0.1);
    expect(network.save()).toEqual({ network: core.save(), optimizer: gradientOf(linear()).toArray() });
  });

  it("goes on from its state as if it had not stopped", () => {
    const [one, other] = [make(), make()];
    one.network.descend(terms, 0.1);
    const saved = one.network.save();
    other.network.load(saved);
    expect(other.network.save()).toEqual(saved);
    for (const { network } of [one, other]) network.descend(terms, 0.1);
    expect(other.core.save()).toEqual(one.core.save());
  });

  it("is as it was created once it has loaded what it saved then, however often", () => {
    const { core, network } = make();
    const created = network.save();
    const descended = () => {
      network.descend(terms, 0.1);
      network.descend(terms, 0.1);
      return core.save();
    };
    const first = descended();
    for (let i = 0; i < 2; i++) {
      network.load(created);
      expect(network.save()).toEqual(created);
      expect(descended()).toEqual(first);
    }
    const fresh = make();
    fresh.network.load(network.save()); // loaded before its own first update
    fresh.network.load(created);
    expect(fresh.network.save()).toEqual(created);
    fresh.network.descend(terms, 0.1);
    fresh.network.descend(terms, 0.1);
    expect(fresh.core.save()).toEqual(first);
  });
});

describe("a network that is counted and then completed", () => {
  it("has all gradients counted once, those of derived members too", () => {
    const { network: core, gradients } = countGradients(linear());
    const network = completeNetwork(core);
    network.descend(terms, 0.1);
    expect(gradients()).toBe(5);
    network.gradientGram(terms);
    expect(gradients()).toBe(10);
    network.losses(terms);
    network.predict(terms);
    expect(gradients()).toBe(10);
  });
});
