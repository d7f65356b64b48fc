import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digests, parts } from "./digests.mjs";
import { json, type Manifest, plugins, root } from "./workspace.js";

const path = "test/golden.json";

/** What no golden run can have: data that are brought from elsewhere, and TensorFlow.js, whose bits are its backend's. */
const elsewhere = new Set(
  [
    ...["dataset-mnist", "dataset-fashion-mnist", "dataset-cifar10", "dataset-cifar100", "dataset-tiny-imagenet"],
    ...["dataset-core50", "dataset-omniglot", "dataset-images", "dataset-idx", "dataset-embeddings", "dataset-csv"],
    "network-tfjs",
  ].map((name) => `@everlearn/${name}`),
);

describe("the golden runs", () => {
  it("give the digests that they gave on every machine so far (UPDATE_GOLDEN=1 after a change that is meant)", async () => {
    const found = await digests();
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(join(root, path), `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(json(path));
  });

  it("tell streams, scenarios, learners and buffers apart, with every plugin among them", async () => {
    const values = Object.values(json(path) as Record<string, string>);
    expect(values.length).toBe(3 * 3 * 3 + 35 + 2 + 7 + 16 + 13);
    const used = await parts();
    const computing = plugins.filter(({ manifest }) => manifest.everlearn?.kind !== "tracker");
    const here = computing.map(({ manifest }) => manifest.name).filter((name) => !elsewhere.has(name));
    expect([...used].toSorted()).toEqual(here.toSorted());
    for (const value of values) expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(values).size).toBe(values.length);
  });
});

describe("the Node that runs this", () => {
  it("is one of those that package.json names", () => {
    const { engines } = json("package.json") as Manifest;
    const [major, minor] = process.versions.node.split(".").map(Number);
    const allows = (range: string) => {
      const {
        sign,
        from,
        least = "0",
      } = /^(?<sign>\^|>=)(?<from>\d+)(?:\.(?<least>\d+)(?:\.0)?)?$/.exec(range)?.groups ?? {};
      if (sign === undefined) throw new Error(`This test cannot read "${range}" of engines.`);
      if (major !== Number(from)) return sign === ">=" && major > Number(from);
      return minor >= Number(least);
    };
    const ranges = (engines?.node ?? "").split(" || ");
    expect(ranges.filter(allows), `Node ${process.version} against ${ranges.join(", ")}`).not.toEqual([]);
  });
});
