import type { DifferentiableNetwork, Query, Term, Vector } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { completeNetwork, countGradients } from "../src/index.js";
import { linear } from "./linear.js";

const named = (name: string) => ({ name }) as unknown as Vector;

/** As a third party may write one: a class that knows its own by private fields. */
class Strange implements DifferentiableNetwork {
  readonly #calls: unknown[][] = [];
  readonly #theta = named("theta");
  readonly inputs = 3;
  readonly outputs = 2;
  readonly layers = [8];
  get calls() {
    return this.#calls;
  }
  get theta() {
    return this.#theta;
  }
  #called<T>(name: string, args: unknown[], answer: T): T {
    this.#calls.push([name, ...args]);
    return answer;
  }
  vector = (...args: []) => this.#called("vector", args, named("vector"));
  gram(...args: [readonly Vector[]]) {
    return this.#called("gram", args, Float64Array.of(1));
  }
  descend(...args: Parameters<DifferentiableNetwork["descend"]>) {
    return this.#called("descend", args, 0.25);
  }
  gradient(...args: Parameters<DifferentiableNetwork["gradient"]>) {
    return this.#called("gradient", args, 0.5);
  }
  gradientGram(...args: [readonly Term[]]) {
    return this.#called("gradientGram", args, Float64Array.of(6));
  }
  step(...args: Parameters<DifferentiableNetwork["step"]>) {
    this.#called("step", args, undefined);
  }
  losses(...args: [readonly Term[]]) {
    return this.#called("losses", args, Float32Array.of(2));
  }
  predict(...args: [readonly Query[]]) {
    return this.#called("predict", args, Uint16Array.of(3));
  }
  logits(...args: [readonly Query[]]) {
    return this.#called("logits", args, Float32Array.of(4));
  }
  features(...args: [readonly Query[]]) {
    return this.#called("features", args, Float32Array.of(5));
  }
  backward(...args: Parameters<DifferentiableNetwork["backward"]>) {
    this.#called("backward", args, undefined);
  }
  save() {
    return this.#called("save", [], "state");
  }
  load(...args: Parameters<DifferentiableNetwork["load"]>) {
    this.#called("load", args, undefined);
  }
  dispose() {
    this.#called("dispose", [], undefined);
  }
}

const x = new Uint8Array(3);
const batch = (length: number): Term[] => Array.from({ length }, () => ({ x, y: 0 }));

const inputs = new Float32Array(3);

describe("a counted network", () => {
  it("hands every call on, and every answer back", () => {
    const strange = new Strange();
    const { network } = countGradients(strange);
    expect(network).toMatchObject({ inputs: 3, outputs: 2, layers: [8] });
    expect(network.theta).toBe(strange.theta);
    const [v, w, terms, delta] = [named("v"), named("w"), batch(1), new Float32Array(2)];
    expect(network.vector()).toEqual({ name: "vector" });
    expect(network.gram?.([v, w])).toEqual(Float64Array.of(1));
    expect(network.descend?.(terms, 0.1, { clip: 2 })).toBe(0.25);
    expect(network.gradient(terms, v)).toBe(0.5);
    expect(network.gradientGram?.(terms)).toEqual(Float64Array.of(6));
    expect(network.backward?.(terms, delta, null, w, inputs)).toBeUndefined();
    expect(network.step?.(v, w)).toBeUndefined();
    expect(network.losses?.(terms)).toEqual(Float32Array.of(2));
    expect(network.predict?.(terms)).toEqual(Uint16Array.of(3));
    expect(network.logits(terms)).toEqual(Float32Array.of(4));
    expect(network.features(terms)).toEqual(Float32Array.of(5));
    expect(network.save()).toBe("state");
    expect(network.load("other")).toBeUndefined();
    const calls: [string, ...unknown[]][] = [
      ["vector"],
      ["gram", [v, w]],
      ["descend", terms, 0.1, { clip: 2 }],
      ["gradient", terms, v],
      ["gradientGram", terms],
      ["backward", terms, delta, null, w, inputs],
      ["step", v, w],
      ["losses", terms],
      ["predict", terms],
      ["logits", terms],
      ["features", terms],
      ["save"],
      ["load", "other"],
    ];
    expect(strange.calls).toEqual(calls);
    expect(strange.calls[3][2]).toBe(v);
    const methods = Object.keys(network).filter((name) => !["theta", "inputs", "outputs", "layers"].includes(name));
    expect(methods.toSorted()).toEqual([...calls.map(([name]) => name), "dispose"].toSorted());
  });

  it("has the fast paths that the network has, and no others", () => {
    const core = ["theta", "inputs", "outputs", "layers", "vector", "gradient", "logits", "features"];
    const { network } = countGradients(linear());
    expect(Object.keys(network).toSorted()).toEqual([...core, "save", "load", "dispose"].toSorted());
  });

  it("has the tensors that the network has, also once it is completed", () => {
    const tensors = [{ kind: "weights", layer: 0, shape: [2, 3], axis: 1 }] as const;
    const { network } = countGradients(Object.assign(linear(), { tensors }));
    expect(network.tensors).toBe(tensors);
    expect(completeNetwork(network).tensors).toBe(tensors);
  });

  it("reads θ through", () => {
    const core = linear();
    const { network } = countGradients(core);
    core.theta = core.vector();
    expect(network.theta).toBe(core.theta);
  });

  it("passes disposal on once", () => {
    const strange = new Strange();
    const { network } = countGradients(strange);
    network.dispose();
    network.dispose();
    expect(strange.calls).toEqual([["dispose"]]);
  });

  it("counts the terms of steps and gradients, and of nothing else", () => {
    const { network, gradients } = countGradients(new Strange());
    const into = network.vector();
    expect(gradients()).toBe(0);
    network.descend?.(batch(3), 0.1);
    expect(gradients()).toBe(3);
    network.gradient(batch(10), into);
    expect(gradients()).toBe(13);
    network.gradientGram?.(batch(4));
    expect(gradients()).toBe(17);
    network.backward?.(batch(2), null, null, into);
    expect(gradients()).toBe(19);
    network.step?.(into, 0.1);
    network.losses?.(batch(5));
    network.predict?.(batch(5));
    network.logits(batch(5));
    network.features(batch(5));
    network.load(network.save());
    expect(gradients()).toBe(19);
  });

  it("remembers the loss that was found last", () => {
    const { network, loss } = countGradients(new Strange());
    expect(loss()).toBeUndefined();
    network.gradient(batch(1), network.vector());
    expect(loss()).toBe(0.5);
    network.descend?.(batch(1), 0.1);
    network.losses?.(batch(1));
    network.gradientGram?.(batch(1));
    expect(loss()).toBe(0.25);
  });

  it("says its count and takes it back", () => {
    const [one, other] = [countGradients(new Strange()), countGradients(new Strange())];
    one.network.descend?.(batch(2), 0.1);
    const saved = one.count.save();
    one.network.descend?.(batch(2), 0.1);
    other.count.load(saved);
    other.network.descend?.(batch(1), 0.1);
    expect([one.gradients(), other.gradients()]).toEqual([4, 3]);
  });
});
