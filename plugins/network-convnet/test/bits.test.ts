import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { convnet } from "../src/index.js";
import { presets } from "../src/presets.js";
import { anyNetwork } from "./oracle/any-network.js";
import { checkBits, sameAnswers, sameDescent, sameTheta, terms } from "./oracle/compare.js";
import { oracle } from "./oracle/network.js";
import { batchNorms, networks } from "./oracle/networks.js";

/** NETWORKS=n draws more networks. */
const drawn = Number(process.env.NETWORKS ?? 24);

describe("has the oracle's bits", () => {
  it.each(Object.entries(networks))("with %s", (_, definition) => checkBits(definition, 1, [1, 3, 17]));

  it.each(Object.entries(batchNorms))("with %s", (_, definition) => checkBits(definition, 2, [2, 5, 18]));

  it.each(Array.from({ length: drawn }, (_, i) => i))("with any layers, %i", (i) => {
    const definition = anyNetwork(random(i, "layers"));
    try {
      checkBits(definition, i, [2, 17]);
    } catch (error) {
      throw new Error(`It differs for ${JSON.stringify(definition)}`, { cause: error });
    }
  });

  it.each(["dense layers", "a convolution", "group norms", "a batch norm on the inputs, and on a row"])(
    "in batches of many sizes, with %s",
    (name) => checkBits({ ...networks, ...batchNorms }[name], 3, [2, 4, 6, 7, 8, 15, 16, 31, 32, 33, 40]),
  );

  it.each(Object.entries(presets))("with the preset %s", (preset, { layers, initialisation }) => {
    const definition = { layers, initialisation, shape: [32, 32, 3], outputs: 5 };
    const size = { inputs: 3072, shape: definition.shape, outputs: 5 };
    const network = convnet({ preset: preset as keyof typeof presets }, { ...size, random: random(5) });
    const pair = { network, plain: oracle(definition, random(5)) };
    const draws = random(5, "data");
    sameTheta("at the beginning", pair);
    expect(network.layers).toEqual(pair.plain.layers);
    sameDescent("of 2", pair, terms(2, definition, draws), 0.1);
    sameAnswers("of 1", pair, terms(1, definition, draws));
  });
});
