import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkDataset } from "@everlearn/conformance";
import type { Examples } from "@everlearn/contracts";
import { describe, expect, it, onTestFinished } from "vitest";
import plugin, { csvFile } from "../src/index.js";

const six = fileURLToPath(new URL("six.csv", import.meta.url));

async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "everlearn-csv-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  return root;
}

const read = async (content: string | Uint8Array, options: object = {}, test?: string) =>
  csvFile(
    { path: "a.csv", testFraction: 0, ...options },
    { folder: await folder({ "a.csv": content, ...(test !== undefined && { "b.csv": test }) }) },
  );

const list = (examples: Examples) =>
  Array.from({ length: examples.length }, (_, i) => [examples.label(i), ...examples.input(i)]);

describe("csv", () => {
  it("conforms to the data set contract", async () => {
    await checkDataset(plugin, { options: { path: six } });
  });

  it("has numbers as they are, categories one-hot and classes by their labels, in the file's order", async () => {
    const { shape, classes, train, test, notes } = await csvFile({ path: six });
    expect([shape, classes]).toEqual([[5], 2]);
    expect(notes).toEqual({ columns: "time: number, colour: category of 3, size: number", target: "kind" });
    expect(list(train)).toEqual([
      [1, 1, 0, 0, 1, 0.5],
      [0, 2, 1, 0, 0, 1.5],
      [1, 3, 0, 0, 1, -1],
      [0, 10, 0, 1, 0, 2],
      [0, 12, 0, 0, 1, 0.25],
    ]);
    expect(list(test)).toEqual([[1, 11, 1, 0, 0, 30]]);
  });

  it("takes another target, leaves columns out, and takes numbers for categories where it is told", async () => {
    const file = "a,y,b\n10,2,x\n9,10,x\n10,9,y\n";
    expect(list((await read(file, { target: "y" })).train)).toEqual([
      [0, 10, 1, 0],
      [2, 9, 1, 0],
      [1, 10, 0, 1],
    ]);
    const chosen = await read(file, { target: "y", ignore: "b", categories: "a" });
    expect(list(chosen.train)).toEqual([
      [0, 1, 0],
      [2, 0, 1],
      [1, 1, 0],
    ]);
    expect(chosen.column?.("b")).toEqual({ train: ["x", "x", "y"], test: [] });
    expect(chosen.column?.("c")).toBeUndefined();
  });

  it("reads gzip, quotes, byte order marks and empty lines", async () => {
    const expected = [
      [0, 1, 1],
      [1, 2, 0],
    ];
    const file = '\uFEFFa,"b, c",y\r\n1,"x ""y""",p\r\n\r\n2,"line\nbreak",q\r\n';
    for (const content of [file, gzipSync(file)])
      expect(list((await read(content)).train).map(([label, a, b]) => [label, a, 1 - b])).toEqual(expected);
  });

  it("puts 0 or the value before where one is missing, if it is asked to", async () => {
    const file = "a,b,y\n?,x,0\n1,,1\nNA,y,0\n2,null,1\n";
    expect(list((await read(file, { missing: "zero" })).train)).toEqual([
      [0, 0, 1, 0],
      [1, 1, 0, 0],
      [0, 0, 0, 1],
      [1, 2, 0, 0],
    ]);
    expect(list((await read(file, { missing: "last" })).train)).toEqual([
      [0, 0, 1, 0],
      [1, 1, 1, 0],
      [0, 1, 0, 1],
      [1, 2, 0, 1],
    ]);
  });

  it("has the test examples of a file of their own, whose columns may stand elsewhere", async () => {
    const { train, test } = await read("a,c,y\n1,x,p\n2,z,q\n", { testPath: "b.csv" }, "y,c,a\nq,x,7\n");
    expect(train.length).toBe(2);
    expect(list(test)).toEqual([[1, 7, 1, 0]]);
  });

  it("has a checksum of its content", async () => {
    const sums = await Promise.all(
      ["a,y\n1,0\n2,1\n", "b,y\n1,0\n2,1\n", "a,y\n1,0\n3,1\n", "a,y\n1,1\n2,0\n"].map(
        async (file) => (await read(file)).checksum,
      ),
    );
    expect(new Set(sums).size).toBe(4);
    expect((await read(gzipSync("a,y\n1,0\n2,1\n"))).checksum).toBe(sums[0]);
  });

  it.each<[string, string, string, object?, string?]>([
    ["a missing value", "a,b,y\n1,2,0\n1,,1\n", 'has no value in line 3 of b; set "missing" to "zero" or "last"'],
    ["a missing class", "a,y\n1,p\n2,\n3,q\n", "has no class in line 3 of y"],
    [
      "a target of real numbers",
      "a,y\n1,0.5\n2,1.5\n",
      "has 0.5 in its target y, which is a real number and no class; name",
    ],
    ["one class", "a,y\n1,p\n2,p\n", "has one class only in y, where two are the least"],
    ["another target", "a,y\n1,p\n", "has no column z, but a, y", { target: "z" }],
    ["another column", "a,y\n1,p\n", "has no column q, but a, y", { ignore: "q" }],
    ["no inputs", "a,y\n1,p\n2,q\n", "leaves no columns of inputs; ignore fewer", { ignore: "a" }],
    ["a header alone", "a,y\n", "holds no examples; it needs a header line"],
    ["nothing", "", "holds no examples; it needs a header line"],
    ["one column", "y\np\nq\n", "has one column, where inputs and a class take two"],
    ["two columns of a name", "a,a,y\n1,2,p\n", "has two columns called a; rename one"],
    ["lines of other lengths", "a,y\n1,p\n1,2,3\n", "is no CSV file that can be read ("],
    ["too large a number", "a,y\n1e39,p\n2,q\n", "has 1e39 in line 2 of a, where all are finite numbers"],
  ])("says of %s what is wrong", async (_, file, problem, options) => {
    const error = await read(file, options).catch((found: unknown) => found);
    expect((error as Error).message).toContain(problem);
    expect((error as Error).message).toMatch(/^dataset-csv: \S*a\.csv [^\n]*\.$/);
  });

  it.each([
    [
      "a category never seen before",
      "a,c,y\n1,w,p\n",
      "has the category w in line 2 of c, which no training example has",
    ],
    ["a class never seen before", "a,c,y\n1,x,r\n", "has r in line 2 of y, which is no class of a training example"],
    ["a text among numbers", "a,c,y\nx,x,p\n", "has x in line 2 of a, where all are finite numbers"],
    ["no such column", "a,y\n1,p\n", "has no column c, as "],
  ])("says of %s in the test file what is wrong", async (_, test, problem) => {
    const error = await read("a,c,y\n1,x,p\n2,z,q\n", { testPath: "b.csv" }, test).catch((found: unknown) => found);
    expect((error as Error).message).toContain(problem);
    expect((error as Error).message).toMatch(/^dataset-csv: \S*b\.csv [^\n]*\.$/);
  });

  it("names what is not there or cannot be decompressed", async () => {
    await expect(csvFile({ path: "none.csv" }, { folder: tmpdir() })).rejects.toThrow(/found nothing at .*none\.csv/);
    await expect(csvFile({ path: "." }, { folder: tmpdir() })).rejects.toThrow(
      /is no file; name a \.csv or \.csv\.gz file/,
    );
    await expect(read(gzipSync("a,y\n1,0\n").subarray(0, 20))).rejects.toThrow(/cannot be decompressed/);
  });
});
