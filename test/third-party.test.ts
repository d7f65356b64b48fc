import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Kind } from "@everlearn/contracts";
import { kinds } from "@everlearn/contracts";
import { beforeAll, describe, expect, it } from "vitest";
import { checkComplaint, everlearn, folder, resultOf } from "./cli/everlearn.js";
import { json, root } from "./workspace.js";

const execute = promisify(execFile);

/** A plugin as its author publishes it; `everlearn` is left out by those who let the package's name speak. */
interface Sample {
  readonly folder: string;
  readonly kind: Kind;
  readonly name: string;
  readonly manifest: {
    readonly name: string;
    readonly version: string;
    readonly description: string;
    readonly everlearn?: { readonly kind: Kind; readonly name: string };
    readonly dependencies?: Readonly<Record<string, string>>;
  };
}

const fixtures = join(root, "test/fixtures");
const samples = readdirSync(fixtures).map((place): Sample => {
  const manifest = json(`test/fixtures/${place}/package.json`) as Sample["manifest"];
  const [, kind, name] = /everlearn-([a-z]+)-([a-z-]+)$/.exec(manifest.name) ?? [];
  return { folder: place, kind: kind as Kind, name, manifest };
});
const of = (kind: Kind) => samples.find((one) => one.kind === kind) as Sample;

/** What a kind's check has to be told of its sample. */
const setups: Partial<Readonly<Record<Kind, string>>> = {
  buffer: "{ options: { capacity: 30 } }",
  learner: "{ options: { alpha: 0.1 } }",
  optimizer: "{ rate: 0.01 }",
};

/** An empty project in which npm has installed all samples, and what they depend on. */
function project(): string {
  const cwd = folder();
  const place = (name: string) => {
    const path = join(cwd, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  for (const one of samples) cpSync(join(fixtures, one.folder), place(one.manifest.name), { recursive: true });
  const depended = samples.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}));
  for (const name of new Set(["@everlearn/contracts", "@everlearn/conformance", ...depended]))
    symlinkSync(join(root, "node_modules", name), place(name));
  return cwd;
}

/** A run of nothing but samples: by their short names, or by their packages'. */
function spec(use: (one: Sample) => string): Record<string, unknown> {
  const choice = (kind: Kind, options: object = {}) => ({ use: use(of(kind)), ...options });
  return {
    name: "theirs",
    dataset: choice("dataset", { train: 800 }),
    stream: choice("stream", { tasks: 3, examplesPerTask: 400 }),
    scenario: choice("scenario"),
    network: choice("network", { hidden: [20] }),
    optimizer: choice("optimizer"),
    augmentation: [choice("augmentation")],
    buffer: choice("buffer", { capacity: 60 }),
    learner: choice("learner", { alpha: 0.002 }),
    metrics: [choice("metric")],
    trackers: [choice("tracker", { digits: 2 })],
  };
}

describe("plugins of others", () => {
  let cwd = "";
  beforeAll(() => {
    cwd = project();
  });

  it("are one of each kind, some with a scope, some known by nothing but their names", () => {
    expect(samples.map(({ kind }) => kind).toSorted()).toEqual([...kinds].toSorted());
    const named = samples
      .filter(({ manifest }) => manifest.everlearn === undefined)
      .map(({ manifest }) => manifest.name);
    for (const [pattern, all] of [
      [/^everlearn-/, samples.map(({ manifest }) => manifest.name)],
      [/^@sample\/everlearn-/, samples.map(({ manifest }) => manifest.name)],
      [/^everlearn-/, named],
      [/^@sample\/everlearn-/, named],
    ] as const)
      expect(all.filter((name) => pattern.test(name)).length).toBeGreaterThan(0);
  });

  it.each(samples)("$folder passes conformance where it is installed", async ({ kind, manifest }) => {
    const check = `check${kind[0].toUpperCase()}${kind.slice(1)}`;
    const code = `import { ${check} } from "@everlearn/conformance";
      import plugin from ${JSON.stringify(manifest.name)};
      await ${check}(plugin, ${setups[kind] ?? "{}"});
      console.log(plugin.kind, plugin.name);`;
    writeFileSync(join(cwd, `${check}.mjs`), code);
    const { stdout } = await execute(process.execPath, [`${check}.mjs`], { cwd });
    expect(stdout).toBe(`${kind} ${of(kind).name}\n`);
  });

  it("are listed with where they are, their versions, and whether their contracts fit", async () => {
    const { status, stdout, stderr } = await everlearn(["list"], { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const [here] = stdout.split("\n\n");
    expect(here).toMatch(/^In node_modules:\n/);
    for (const { kind, name, manifest } of samples) {
      expect(here).toMatch(new RegExp(`^${kind} +${name} .* ${manifest.name}(?: \\S+)? +yes `, "m"));
      expect(here).toMatch(new RegExp(`^${kind} +${name} [^]*?${manifest.name}[^]*? ${manifest.version} `, "m"));
    }
  });

  it("run together by their short names, and are what a receipt names and a re-run uses", async () => {
    writeFileSync(join(cwd, "spec.json"), JSON.stringify(spec(({ name }) => name)));
    expect(await everlearn(["run", "spec.json", "--out", "runs"], { cwd })).toMatchObject({ status: 0, stderr: "" });
    const directory = join(cwd, "runs/theirs/seed-0");
    const { plugins, metrics, accuracy } = resultOf(directory);
    for (const { kind, name, manifest } of samples) {
      if (kind === "tracker") continue; // it changes no result
      const identity = { name, package: manifest.name, version: manifest.version };
      const place = { metric: "metrics/0", augmentation: "augmentation/0" }[kind as string] ?? kind;
      expect(plugins[place]).toEqual(identity);
    }
    expect(metrics.learningAccuracy).toBeGreaterThan(0.3); // chance is 0.1; images with a hidden square are harder
    const last = accuracy[2] as number[];
    expect(metrics.spread).toBe(Math.max(...last) - Math.min(...last));
    const [ra, la] = [metrics.retainedAccuracy, metrics.learningAccuracy].map((a) => (100 * (a as number)).toFixed(2));
    expect(readFileSync(join(directory, "summary.md"), "utf8")).toBe(`| theirs, seed 0 | ${ra} | ${la} |\n`);

    const verified = await everlearn(["verify", "runs"], { cwd });
    expect(verified).toMatchObject({ status: 0, stderr: "" });
    expect(verified.stdout).toContain("✓ theirs seed 0: reproduced");

    writeFileSync(join(cwd, "named.json"), JSON.stringify(spec(({ manifest }) => manifest.name)));
    await everlearn(["run", "named.json", "--out", "named"], { cwd });
    const named = resultOf(join(cwd, "named/theirs/seed-0"));
    expect([named.specId, named.digest]).toEqual([resultOf(directory).specId, resultOf(directory).digest]);
  });

  it("are found where the spec lives, not where the command is called", async () => {
    const elsewhere = folder();
    const ended = await everlearn(["run", join(cwd, "spec.json"), "--out", "runs"], { cwd: elsewhere });
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(join(elsewhere, "runs/theirs/seed-0/summary.md"))).toBe(true);
  });

  it("are refused with what to install where they were made for other contracts", async () => {
    const later = project();
    const { manifest } = of("learner");
    const path = join(later, "node_modules", manifest.name, "package.json");
    writeFileSync(path, JSON.stringify({ ...manifest, peerDependencies: { "@everlearn/contracts": "^1.0.0" } }));
    writeFileSync(join(later, "spec.json"), JSON.stringify(spec(({ name }) => name)));
    expect(checkComplaint(await everlearn(["run", "spec.json"], { cwd: later }))).toMatch(
      /^spec\.json: \/learner\/use: Package "everlearn-learner-conservative" 0\.2\.0 was made for @everlearn\/contracts \^1\.0\.0, but here they are [\d.]+; run "npm install everlearn@latest"\.$/,
    );
    rmSync(join(later, "node_modules", manifest.name), { recursive: true });
    expect(checkComplaint(await everlearn(["run", "spec.json"], { cwd: later }))).toContain(
      'There is no learner "conservative"',
    );
  });
});
