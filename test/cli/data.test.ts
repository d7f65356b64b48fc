import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.js";
import { root } from "../workspace.js";
import { checkComplaint, everlearn } from "./everlearn.js";

describe("everlearn data fetch", () => {
  it("knows what can be fetched", async () => {
    expect(checkComplaint(await everlearn(["data", "fetch", "nonsense"], { cwd: scratch() }))).toBe(
      'There is no data set "nonsense" to fetch; there are mnist, cifar10, cifar100, fashion-mnist, tiny-imagenet, core50, omniglot ("glyphs" needs no download, "images" and "idx" read your own files).',
    );
    checkComplaint(await everlearn(["data", "fetch", "constructor"], { cwd: scratch() }));
  });

  it.each(["mnist", "cifar10", "fashion-mnist", "tiny-imagenet", "core50", "omniglot"])(
    "says of %s that it cannot write, before it asks anyone",
    async (name) => {
      const cwd = scratch();
      writeFileSync(join(cwd, "file"), "");
      const sentence = checkComplaint(await everlearn(["data", "fetch", name, "--data", "file"], { cwd }));
      expect(sentence).toMatch(
        new RegExp(`^dataset-${name} cannot write to .*${name} \\([A-Z]+\\); .* choose another folder with --data\\.$`),
      );
    },
  );
});

describe("a run on images of one's own", () => {
  it("finds them within the folder of data sets", async () => {
    const cwd = scratch();
    const spec = {
      name: "own",
      dataset: { use: "images", path: "six.npz" },
      stream: { use: "split", classesPerTask: 1 },
      scenario: { use: "class-il" },
      network: { use: "mlp", hidden: [10] },
      learner: { use: "online", alpha: 0.1 },
    };
    writeFileSync(join(cwd, "spec.json"), JSON.stringify(spec));
    const data = join(root, "plugins/dataset-images/test");
    const { status, stderr } = await everlearn(["run", "spec.json", "--data", data], { cwd });
    expect([status, stderr]).toEqual([0, ""]);
    const result = JSON.parse(readFileSync(join(cwd, "runs/own/seed-0/result.json"), "utf8")) as Result;
    expect([result.examples, result.accuracy.length]).toEqual([6, 3]);
    expect(JSON.stringify(result.spec)).not.toContain(data); // the same spec has the same identity everywhere
    expect(checkComplaint(await everlearn(["run", "spec.json", "--data", cwd, "--out", "other"], { cwd }))).toContain(
      `dataset-images found nothing at ${join(cwd, "six.npz")}; `,
    );
  });
});

describe("a run without its data set", () => {
  it.each([
    ["cifar10", "CIFAR-10", "cifar-10-binary.tar.gz"],
    ["cifar100", "CIFAR-100", "cifar-100-binary.tar.gz"],
  ])("says where %s is to be had", async (name, title, archive) => {
    const cwd = scratch();
    const spec = {
      name: "one",
      dataset: { use: name },
      stream: { use: "split" },
      network: { use: "mlp", hidden: [10] },
      learner: { use: "online", alpha: 0.1 },
    };
    writeFileSync(join(cwd, "spec.json"), JSON.stringify(spec));
    expect(checkComplaint(await everlearn(["run", "spec.json"], { cwd }))).toContain(
      `dataset-${name} found no ${title} files (it looked in ${join(cwd, "cache", "everlearn", name)}); run \`everlearn data fetch ${name}\`, or point --data or EVERLEARN_DATA at a folder that holds ${archive}, or use dataset "glyphs", which needs no download.`,
    );
    mkdirSync(join(cwd, "data", name), { recursive: true });
    writeFileSync(join(cwd, "data", name, archive), "altered");
    expect(checkComplaint(await everlearn(["run", "spec.json", "--data", "data"], { cwd }))).toMatch(
      new RegExp(`${archive.replaceAll(".", "\\.")} (has broken tar data|is truncated).* for a fresh copy\\.$`),
    );
  });
});
