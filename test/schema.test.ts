import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { plan } from "@everlearn/host";
import { readSpecs, runsOf } from "@everlearn/records";
import fc from "fast-check";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { files, json, load, plugins, root } from "./workspace.js";

interface Problem {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly message?: string;
}
interface Validate {
  (document: unknown): boolean;
  readonly errors?: readonly Problem[] | null;
}
interface Ajv {
  validateSchema(schema: object): boolean;
  compile(schema: object): Validate;
}

// The ajv of the packages: the repository has none beside it.
const { Ajv2020 } = createRequire(join(root, "packages/records/package.json"))("ajv/dist/2020.js") as {
  Ajv2020: new (options: object) => Ajv;
};
const execute = promisify(execFile);
const command = join(root, "packages/cli/bin/everlearn.js");
const suites = files.filter((path) => /^benchmarks\/suites\/.*\.json$/.test(path));

interface Printed {
  readonly schema: object;
  readonly stderr: string;
  /** What is wrong with a document: the path and what is said of it; the wrapping "must match" left out. */
  check(document: unknown): string[];
}

/** What `everlearn schema` prints in a folder, compiled as strictly as ajv can. */
async function printed(cwd: string, ...args: string[]): Promise<Printed> {
  const { stdout, stderr } = await execute(process.execPath, [command, "schema", ...args], { cwd });
  const schema = JSON.parse(stdout) as object;
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  expect(ajv.validateSchema(schema)).toBe(true);
  const validate = ajv.compile(schema);
  return {
    schema,
    stderr,
    check: (document) =>
      validate(document)
        ? []
        : (validate.errors ?? [])
            .filter(({ keyword }) => keyword !== "if")
            .map(({ instancePath, params, message }) => {
              const { additionalProperty: more, missingProperty: less } = params;
              return `${instancePath}: ${more === undefined ? (less ?? message) : `no ${more}`}`;
            }),
  };
}

const small = {
  name: "small",
  stream: { use: "rotated", tasks: 2 },
  learner: { use: "mer", alpha: 0.1, s: 1, k: 3 },
  buffer: { use: "reservoir", capacity: 5 },
};

/** Of what a part may be made. */
const inner: Partial<Record<string, object>> = {
  dataset: { use: "glyphs" },
  optimizer: { use: "adam" },
  stream: small.stream,
  buffer: small.buffer,
  learner: small.learner,
};

describe("the schema that everlearn prints", () => {
  let here: Printed;
  beforeAll(async () => {
    here = await printed(root, "benchmarks");
  });

  it("is benchmarks/spec.schema.json (npm run schema renews it), which suites name for editors", () => {
    expect(json("benchmarks/spec.schema.json")).toEqual(here.schema);
    const named = suites.flatMap((path) => {
      const { $schema } = json(path) as { $schema?: string };
      return $schema === undefined ? [] : [join(dirname(path), $schema)];
    });
    expect(named.length).toBeGreaterThan(5);
    expect(new Set(named)).toEqual(new Set(["benchmarks/spec.schema.json"]));
  });

  it.each(suites)("takes %s", (path) => {
    expect(here.check(json(path))).toEqual([]);
  });

  it("knows every plugin's options: each default and bound is taken, what lies beyond is not", async () => {
    for (const one of plugins) {
      const { kind, name, options, needs = [] } = await load(one);
      const field = kind === "metric" || kind === "tracker" ? `${kind}s` : kind;
      const listed = field !== kind || kind === "augmentation";
      const of = !Array.isArray(needs) || (needs as string[]).includes("of") ? { of: inner[kind] } : {};
      const values = Object.entries(options).map(([key, schema]) => {
        const form = "anyOf" in schema ? schema.anyOf[0] : schema;
        const { type } = form;
        const usual = schema.default ?? (type === "string" ? (form.enum?.[0] ?? "x") : undefined);
        const least = type === "number" || type === "integer" ? (form.minimum ?? form.maximum ?? 1) : [1];
        return [key, usual ?? least] as const;
      });
      const choice = { use: name, ...Object.fromEntries(values), ...of };
      const spec = (part: object) => ({ ...small, [field]: listed ? [part] : part });
      const at = listed ? `/${field}/0` : `/${field}`;
      expect(here.check(spec(choice)), one.folder).toEqual([]);
      expect(here.check(spec({ ...choice, use: one.manifest.name })), one.folder).toEqual([]);
      expect(here.check(spec({ ...choice, nonsense: 1 })), one.folder).toEqual([`${at}: no nonsense`]);
      for (const [key, schema] of Object.entries(options)) {
        const wrong = here.check(spec({ ...choice, [key]: { no: "such" } }));
        expect(
          wrong.map((line) => line.split(":")[0]),
          `${one.folder} ${key}`,
        ).toContain(`${at}/${key}`);
        if (schema.default !== undefined) continue;
        const { [key]: _, ...without } = choice as Record<string, unknown>;
        expect(here.check(spec(without))).toEqual([`${at}: ${key}`]);
      }
    }
  });

  it("says where a mistake is, in runs, suites, grids, and streams of streams", () => {
    const alpha = { ...small.learner, alpha: 0 };
    const suite = { name: "s", stream: small.stream, runs: [small, { ...small, name: "b", learner: alpha }] };
    const grid = {
      learners: [{ name: "mer", learner: alpha, buffer: null }],
      in: [{ name: "two", stream: { use: "iid", of: { use: "rotated", task: 2 } } }],
    };
    expect(here.check({ ...small, learner: alpha })).toEqual(["/learner/alpha: must be > 0"]);
    expect(here.check({ ...small, batchSize: 0, buffer: null })).toEqual(["/batchSize: must be >= 1"]);
    expect(here.check(suite)).toEqual(["/runs/1/learner/alpha: must be > 0"]);
    expect(here.check(grid)).toEqual(["/learners/0/learner/alpha: must be > 0", "/in/0/stream/of: no task"]);
    expect(here.check({ ...small, stream: { use: "blurry", fraction: 0.1 } })).toEqual(["/stream: of"]);
    expect(here.check({ ...small, stream: { ...small.stream, of: small.stream } })).toEqual(["/stream: no of"]);
    expect(here.check({ name: "x", stream: small.stream })).toEqual([": learner"]);
    expect(here.check({ ...small, learner: { use: "mre" } })).toEqual([
      "/learner/use: must be equal to one of the allowed values",
    ]);
    for (const path of ["./mine.js", "../mine.js", "/mine.js"])
      expect(here.check({ ...small, learner: { use: path, any: ["thing"] } })).toEqual([]);
  });

  it("refuses what the host's own check of options refuses, and takes what it takes", async () => {
    const value = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constantFrom(0.1, "x", null, true, [1]));
    const options = fc.dictionary(fc.constantFrom("alpha", "beta", "gamma", "s", "k", "clip", "c"), value);
    const host = (spec: object) =>
      plan(runsOf(spec, "")[0], { from: [root] }).then(
        () => [],
        (error: Error) => error.message.split("\n"),
      );
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const learner = { ...{ alpha: 0.1, s: 1, k: 1 }, ...given, use: "mer" };
        const spec = { ...small, learner, dataset: { use: "glyphs", train: 100, test: 10 } };
        const few = { ...spec, stream: { use: "rotated", tasks: 1, examplesPerTask: 10 } };
        const found = await host(structuredClone(few));
        // That k draws need a buffer of k − 1 places is no schema's business; here there are enough.
        expect(here.check(few).length > 0).toBe(found.length > 0);
      }),
      { numRuns: 60 },
    );
  });

  it("has the plugins that are installed where the specs are, and says which of them cannot be used", async () => {
    const folder = mkdtempSync(join(tmpdir(), "everlearn-schema-")); // outside of the repository and its node_modules
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const install = (name: string, everlearn: object, code: string, more: object = {}) => {
      const place = join(folder, "specs/node_modules", name);
      mkdirSync(place, { recursive: true });
      const manifest = { name, version: "1.2.3", type: "module", main: "index.js", everlearn, ...more };
      writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
      writeFileSync(join(place, "index.js"), code);
    };
    const source = (kind: string, name: string, options: object) =>
      `export default ${JSON.stringify({ contract: 2, kind, name, description: "Mine.", options }).slice(0, -1)}, create() {} };`;
    const depth = { depth: { type: "integer", minimum: 1, description: "How deep." } };
    install("everlearn-learner-mine", { kind: "learner", name: "mine" }, source("learner", "mine", depth));
    install("@me/other-mer", { kind: "learner", name: "mer" }, source("learner", "mer", depth));
    install("everlearn-learner-broken", { kind: "learner", name: "broken" }, "export default 1;");
    const there = await printed(folder, "specs");
    const of = (learner: object) => there.check({ ...small, learner });
    expect(of({ use: "mine", depth: 2 })).toEqual([]);
    expect(of({ use: "mine", depth: 0 })).toEqual(["/learner/depth: must be >= 1"]);
    expect(of({ use: "mer", depth: 2 })).toEqual([]); // the nearest has the name
    expect(of({ use: "@everlearn/learner-mer", alpha: 0.1, s: 1, k: 1 })).toEqual([]);
    expect(of({ use: "broken" })).not.toEqual([]);
    expect(there.stderr).toContain('The default export of "everlearn-learner-broken" is a number');
    expect(here.check({ ...small, learner: { use: "mine", depth: 2 } })).not.toEqual([]);
  });

  it("is refused for a folder that is none", async () => {
    await expect(printed(root, "package.json")).rejects.toMatchObject({
      code: 1,
      stderr: 'everlearn: "package.json" is not a folder; name the folder of the specs.\n',
    });
  });
});

describe("a spec that names its schema", () => {
  it("is the same run: the same specIds with it and without", async () => {
    const stream = { use: "rotated", tasks: 2, examplesPerTask: 50 };
    const given = { ...small, stream, dataset: { use: "glyphs", train: 100, test: 10 }, batchSize: 2 };
    const ids = async (document: object) =>
      Promise.all(runsOf(document, "spec.json").map(async (run) => (await plan(run, { from: [root] })).specId));
    const runs = [{ name: "a" }, { name: "b", batchSize: 3 }];
    const { name: _, ...shared } = given;
    for (const document of [given, { ...shared, runs }]) {
      const before = await ids(structuredClone(document));
      expect(await ids({ $schema: "./spec.schema.json", ...document })).toEqual(before);
      expect(await ids({ ...document, $schema: "elsewhere" })).toEqual(before);
    }
    for (const run of runsOf({ $schema: "x", ...given }, "")) expect(run).not.toHaveProperty("$schema");
  });

  it("is read as it was before, in every suite", async () => {
    for (const path of suites) {
      const { $schema: _, ...document } = json(path) as Record<string, unknown>;
      const file = join(root, path);
      expect(await readSpecs(file)).toEqual(runsOf(document, file));
    }
  });
});
