import { existsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { files, json, load, type Manifest, plugins, read, root, type Workspace, workspaces } from "./workspace.js";

const { engines } = json("package.json") as Manifest;
const built = (json("tsconfig.json") as { references: { path: string }[] }).references.map(({ path }) => path);
const byName = new Map(workspaces.map((workspace) => [workspace.manifest.name, workspace]));
const workspace = (folder: string): Workspace => {
  const found = workspaces.find((one) => one.folder === folder);
  if (!found) throw new Error(`There is no ${folder}; ARCHITECTURE.md and this test name it.`);
  return found;
};

/** What a workspace's sources import, each once; Node's own modules apart. */
const used = ({ sources }: Workspace): string[] =>
  [...new Set(sources.flatMap(({ imports }) => imports))].filter((name) => !name.startsWith("node:")).toSorted();
const rooms = (names: readonly string[]): string[] => names.filter((name) => byName.has(name));
const declared = ({ manifest }: Workspace): string[] => Object.keys(manifest.dependencies ?? {}).toSorted();

/** Plugins that bring 100 MB of a library along: who wants them installs them. */
const large = new Set(["plugins/network-tfjs"]);

/** What the sources of a room may import of the repository, as ARCHITECTURE.md has it. */
const directions: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  digest: [],
  softmax: [],
  downloads: ["formats"],
  formats: [],
  "mlflow-client": [],
  random: ["contracts"],
  examples: ["contracts"],
  wasm: ["contracts"],
  "linear-algebra": ["contracts", "wasm"],
  learning: ["contracts"],
  "look-ahead": ["contracts", "learning"],
  network: ["contracts", "softmax"],
  conformance: ["contracts", "network", "random"],
  composition: ["contracts", "digest", "network", "random"],
  loop: ["composition", "contracts", "digest", "random"],
  records: ["composition", "contracts", "digest"],
  leaderboard: ["records"],
  host: ["composition", "contracts", "records"],
  runner: ["composition", "contracts", "formats", "loop", "records"],
  tracking: ["contracts", "host", "records"],
  program: ["contracts"],
  isolation: ["composition", "contracts", "loop", "program"],
  bench: [...["composition", "contracts", "digest", "host", "isolation", "loop", "random", "records", "runner"]],
};

/** Plugins that need files of the user's, a server, or a library of Node.js. */
const needNode = /^plugins\/(dataset-(?!glyphs)|tracker-|network-tfjs)/;
const isPortable = ({ folder }: Workspace): boolean => !needNode.test(folder);

describe("the directions of dependencies", () => {
  it.each(Object.entries(directions))("packages/%s imports no other room than %j", (name, allowed) => {
    const strangers = rooms(used(workspace(`packages/${name}`))).filter(
      (room) => !allowed.includes(room.replace("@everlearn/", "")),
    );
    expect(strangers).toEqual([]);
  });

  it("are stated for every package; the command alone may use all", () => {
    const stated = [...Object.keys(directions), "cli"].map((name) => `packages/${name}`);
    const packages = workspaces.map(({ folder }) => folder).filter((folder) => folder.startsWith("packages/"));
    expect(packages.toSorted()).toEqual(stated.toSorted());
    const layout = read("ARCHITECTURE.md");
    for (const folder of packages) expect(layout).toContain(`\n  ${folder.replace("packages/", "")}/ `);
    for (const folder of packages) expect(read("CONTRIBUTING.md")).toContain(`**${folder}**`);
  });

  it("are what the graph in ARCHITECTURE.md draws, but for arrows that follow from others", () => {
    const arrows = [...read("ARCHITECTURE.md").matchAll(/^ {2}([\w-]+) --> ([\w-]+)$/gm)];
    const drawn = (name: string) => arrows.filter(([, from]) => from === name).map(([, , to]) => to);
    const reached = (next: (name: string) => readonly string[], name: string): string[] => [
      ...new Set(next(name).flatMap((to) => [to, ...reached(next, to)])),
    ];
    const stated = (name: string) => directions[name] ?? [];
    for (const name of Object.keys(directions)) {
      expect(reached(drawn, name).toSorted(), name).toEqual(reached(stated, name).toSorted());
      for (const to of drawn(name)) expect(drawn(name).flatMap((other) => reached(drawn, other))).not.toContain(to);
    }
  });

  it("leave contracts without any import and any dependency", () => {
    const { sources } = workspace("packages/contracts");
    expect(sources.flatMap(({ imports }) => imports)).toEqual([]);
    expect(declared(workspace("packages/contracts"))).toEqual([]);
  });

  it("give random one library, and leaderboard nothing but types", () => {
    expect(used(workspace("packages/random"))).toEqual(["@everlearn/contracts", "pure-rand"]);
    const imports = workspace("packages/leaderboard").sources.flatMap(({ code }) => [
      ...code.matchAll(/\bimport\s(?!type\s)[^;]*?from\s+"([^."][^"]*)"/g),
    ]);
    expect(imports.map(([statement]) => statement)).toEqual([]);
  });

  it("let formats stand on its three libraries", () => {
    const imports = workspace("packages/formats").sources.flatMap((source) => source.imports);
    expect([...new Set(imports)].toSorted()).toEqual(["fast-png", "fflate", "jpeg-js"]);
  });

  it("keep Node.js out of what runs in a page too", () => {
    const portable = [
      "formats",
      "contracts",
      "random",
      "examples",
      "softmax",
      "network",
      "composition",
      "loop",
      "wasm",
      "linear-algebra",
      "leaderboard",
    ];
    const ofNode = [...portable.map((name) => workspace(`packages/${name}`)), ...plugins.filter(isPortable)].flatMap(
      ({ sources }) =>
        sources.flatMap(({ path, imports }) =>
          imports.filter((name) => name.startsWith("node:")).map((name) => `${path}: ${name}`),
        ),
    );
    expect(ofNode).toEqual([]);
  });

  it("leave the container to composition, and ajv to records and conformance", () => {
    const users = (library: string) =>
      workspaces.filter((one) => used(one).includes(library)).map(({ folder }) => folder);
    expect(users("inversify")).toEqual(["packages/composition"]);
    expect(users("ajv")).toEqual(["packages/conformance", "packages/records"]);
  });

  it.each(plugins)("$folder imports contracts, and the rooms that its kind may have", (plugin) => {
    const also: Readonly<Record<string, readonly string[]>> = {
      dataset: ["@everlearn/digest", "@everlearn/downloads", "@everlearn/formats"],
      stream: ["@everlearn/examples"],
      augmentation: ["@everlearn/examples"],
      learner: ["@everlearn/learning", "@everlearn/linear-algebra", "@everlearn/look-ahead", "@everlearn/softmax"],
      network: ["@everlearn/softmax", "@everlearn/wasm"],
      tracker: ["@everlearn/mlflow-client"],
    };
    const allowed = ["@everlearn/contracts", ...(also[plugin.manifest.everlearn?.kind ?? ""] ?? [])];
    expect(rooms(used(plugin)).filter((room) => !allowed.includes(room))).toEqual([]);
  });

  it("hold for paths too: no source reaches beyond its own src", () => {
    for (const { folder, sources } of workspaces)
      for (const { path, code } of sources)
        for (const [, target] of code.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']*)["']/g)) {
          const reached = relative(join(root, folder, "src"), join(root, path, "..", target));
          expect(reached, `${path} imports ${target}`).not.toMatch(/^\.\./);
        }
  });
});

describe("the names that rooms export", () => {
  /** MLflow's own words, which its client keeps. */
  const foreign: Readonly<Record<string, readonly string[]>> = {
    "@everlearn/mlflow-client": ["Dataset", "Metric", "Run"],
  };

  /** By its name, where each export of a room comes from: the name of another room, or this one's index. */
  function exportsOf({ folder, sources }: Workspace): Map<string, string> {
    const index = `${folder}/src/index.ts`;
    const code = sources.find(({ path }) => path === index)?.code ?? "";
    const found = new Map<string, string>();
    for (const [, names, from] of code.matchAll(/\bexport\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*"([^"]+)")?/g))
      for (const name of names.split(",").map((one) => one.trim().replace(/^type\s+/, "")))
        if (name !== "") found.set(name.split(/\s+as\s+/).at(-1) ?? name, from?.startsWith("@") ? from : index);
    const declared = /\bexport\s+(?:async\s+)?(?:function\b\*?|const|class|interface|type|enum|let)\s+(\w+)/g;
    for (const [, name] of code.matchAll(declared)) found.set(name, index);
    found.delete("default");
    return found;
  }
  const exported = new Map(workspaces.map((one) => [one.manifest.name, exportsOf(one)]));

  /** The room that a name was declared in, wherever it is exported again. */
  function declaringRoom(name: string, room: string): string {
    const from = exported.get(room)?.get(name) ?? "";
    return exported.has(from) ? declaringRoom(name, from) : room;
  }

  it("mean one thing each: what two of them export is the same", () => {
    const rooms = new Map<string, Set<string>>();
    for (const [room, names] of exported)
      for (const name of names.keys())
        if (!foreign[room]?.includes(name))
          rooms.set(name, (rooms.get(name) ?? new Set()).add(declaringRoom(name, room)));
    expect(rooms.size).toBeGreaterThan(300);
    expect([...rooms].filter(([, all]) => all.size > 1).map(([name, all]) => [name, ...all])).toEqual([]);
  });

  it("are listed one by one, so that they can be compared", () => {
    const stars = workspaces.flatMap(({ folder, sources }) =>
      sources.filter(({ path, code }) => path === `${folder}/src/index.ts` && /\bexport\s+\*/.test(code)),
    );
    expect(stars.map(({ path }) => path)).toEqual([]);
    for (const [room, names] of Object.entries(foreign))
      for (const name of names) expect(exported.get(room)?.has(name), `${room} exports ${name}`).toBe(true);
  });
});

describe.each(workspaces)("the manifest of $folder", (one) => {
  const { folder, manifest, references } = one;

  it("declares what its sources import, and nothing else", () => {
    // The command finds plugins by name: they come with it without being imported. Its templates import the network package.
    const along = plugins.filter((plugin) => !large.has(plugin.folder)).map((plugin) => plugin.manifest.name);
    const found = folder === "packages/cli" ? [...along, "@everlearn/network"] : [];
    expect(declared(one)).toEqual([...new Set([...used(one), ...found])].toSorted());
  });

  it("names the exact versions that are here", () => {
    const depended = rooms(declared(one));
    const here = depended.map((name) => [name, byName.get(name)?.manifest.version]);
    expect(depended.map((name) => [name, manifest.dependencies?.[name]])).toEqual(here);
  });

  it("and tsconfig.json name the same rooms", () => {
    const depended = workspaces.filter((room) => declared(one).includes(room.manifest.name));
    const referred = references.map((path) => relative(root, join(root, folder, path)).replaceAll("\\", "/"));
    expect(referred.toSorted()).toEqual(depended.map((room) => room.folder).toSorted());
    expect(built).toContain(folder);
  });

  it("says what a publisher has to say", () => {
    expect(manifest).toMatchObject({ license: "MIT", type: "module", sideEffects: false, engines });
    expect(manifest.name).toBe(
      folder === "packages/cli" ? "everlearn" : `@everlearn/${folder.slice(folder.indexOf("/") + 1)}`,
    );
    expect(manifest.files).toContain("dist");
    expect(existsSync(join(root, folder, "README.md")), `${folder}/README.md`).toBe(true);
  });

  it("exports one module, types before code", () => {
    const index = {
      "@everlearn/source": "./src/index.ts",
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    };
    const expected = { ".": index, "./package.json": "./package.json" };
    expect(JSON.stringify(manifest.exports)).toBe(JSON.stringify(expected)); // their order counts
    const paths = [index["@everlearn/source"], ...Object.values(manifest.bin ?? {})];
    expect(paths.filter((path) => !existsSync(join(root, folder, path)))).toEqual([]);
  });
});

describe.each(plugins)("$folder", (one) => {
  it("announces the plugin that it holds, under the package's own name, and comes with the command unless large", async () => {
    const { kind, name } = await load(one);
    expect(one.manifest.everlearn).toEqual({ kind, name });
    expect(one.manifest.name).toBe(`@everlearn/${kind}-${name}`);
    expect(one.folder).toBe(`plugins/${kind}-${name}`);
    expect(declared(workspace("packages/cli")).includes(one.manifest.name)).toBe(!large.has(one.folder));
  });
});

describe("what reaches data, weights and sampling", () => {
  /** IEEE 754 rounds these alike everywhere; of the other functions of Math the last bits differ between machines. */
  const exact = new Set("abs ceil clz32 floor fround imul max min round sign sqrt trunc PI SQRT1_2 SQRT2".split(" "));
  const world =
    /\b(Date|performance|process\.hrtime|Intl|setTimeout|setInterval|setImmediate|crypto\.\w+|random(?:Bytes|UUID|Int|Fill)|getRandomValues|toLocale\w+|localeCompare)\b/g;
  /** Files that only move bytes in and out or look at the machine, and what of the world they may use. */
  const edges: Readonly<Record<string, readonly string[]>> = {
    // They give up on a mirror that sends nothing, and name unfinished downloads so that two do not meet.
    "packages/downloads/src/transfer.ts": ["setTimeout"],
    "packages/downloads/src/fetch.ts": ["randomUUID"],
    // It times a backend's steps for the doctor.
    "plugins/network-tfjs/src/diagnose.ts": ["performance"],
    // And this a kernel's.
    "packages/wasm/src/diagnose.ts": ["performance"],
  };
  /** TensorFlow.js draws its seeds from Math.random, in whose place it is given the run's generator. */
  const substituted: Readonly<Record<string, readonly string[]>> = {
    "plugins/network-tfjs/src/chance.ts": ["random", "Math itself"],
  };
  const pure = [
    ...plugins.filter(({ manifest }) => manifest.everlearn?.kind !== "tracker"), // those only read
    ...["random", "examples", "softmax", "network", "wasm", "linear-algebra", "downloads"].map((name) =>
      workspace(`packages/${name}`),
    ),
  ].flatMap(({ sources }) => sources);

  it.each(pure.filter(({ path }) => !path.endsWith(".wasm.ts")))("$path is the same on every machine", (source) => {
    const { path, code } = source;
    const maths = [...code.matchAll(/\bMath\b(?:\.(\w+))?/g)].map(([, name]) => name ?? "Math itself");
    expect(maths.filter((name) => !exact.has(name) && !substituted[path]?.includes(name))).toEqual([]);
    const ofIntegers = /(?<![\w.])\d+ \*\* \d+(?![\w.])/g; // such as 2 ** 32, which is exact
    expect(code.replaceAll(ofIntegers, "")).not.toContain("**");
    const outer = [...code.matchAll(world)].map(([name]) => name);
    expect(outer.filter((name) => !edges[path]?.includes(name))).toEqual([]);
  });

  it("is computed by kernels that know exact functions only", () => {
    const kernel = files.filter((path) => /^(packages|plugins)\/[^/]+\/kernel\/.*\.[ch]$/.test(path));
    expect(kernel).not.toEqual([]);
    const known = new Set(
      [
        "memmove memset inff nanf fabsf sqrt sqrtf popcount popcountll ctzg ctzll convertvector shufflevector",
        "ia32_roundps ia32_cvttps2dq ia32_ptestz128 ia32_movmskps ia32_pmovmskb128 ia32_pshufb128",
        "elementwise_roundeven elementwise_sqrt wasm_trunc_saturate_s_i32x4_f32x4 wasm_any_true_v128",
        "wasm_bitmask_i32x4 wasm_bitmask_i8x16 wasm_swizzle_i8x16",
      ].flatMap((names) => names.split(" ")),
    );
    const strange = kernel.flatMap((path) => {
      const builtins = [...read(path).matchAll(/__builtin_(\w+)/g)].map(([, name]) => name);
      const headers = [...read(path).matchAll(/#include <(.*)>/g)].map(([, name]) => name);
      return [
        ...builtins.filter((name) => !known.has(name)),
        ...headers.filter(
          (name) => name !== "stdint.h" && name !== "arm_neon.h" && !files.includes(`packages/${name}`),
        ),
      ].map((name) => `${path}: ${name}`);
    });
    expect(strange).toEqual([]);
    expect(read("packages/wasm/kernel/build.mjs")).toContain(" -msimd128 -ffp-contract=off ");
    expect(read("packages/wasm/kernel/build.mjs")).not.toMatch(/relaxed|fast-math/);
    expect(read("packages/kernel-native/build.mjs")).toContain('"-ffp-contract=off"');
    expect(read("packages/kernel-native/build.mjs")).not.toMatch(/-ffast-math|-Ofast|funsafe|-fassociative/);
  });

  it.each(["packages/wasm", "packages/linear-algebra", "plugins/network-mlp", "plugins/network-convnet"])(
    "%s has a kernel that imports its memory and nothing else",
    (folder) => {
      const [, code] = /module: "(.*)"/.exec(read(`${folder}/src/kernel.wasm.ts`)) ?? [];
      const module = new WebAssembly.Module(Buffer.from(code, "base64"));
      expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    },
  );

  it("has exceptions for files that exist and need them", () => {
    for (const [path, names] of Object.entries(edges))
      for (const name of names) expect(pure.find((source) => source.path === path)?.code).toContain(name);
  });
});

describe("the repository", () => {
  const text = files.filter((path) => /\.(ts|mjs|js|json|jsonl|md|ya?ml|sh|py|svg|txt)$/.test(path));

  it("names no folder of anyone's machine", () => {
    const places = /(?<![\w.~}-])\/(?:home|root|Users|work|mnt|tmp)\/\w|\b[A-Z]:\\\\?Users\b/;
    expect(text.filter((path) => places.test(read(path)))).toEqual([]);
  });

  it("holds no file above 200 kB but the lock file and receipts", () => {
    const large = files.filter(
      (path) => !path.startsWith("benchmarks/results/") && statSync(join(root, path)).size > 200_000,
    );
    expect(large).toEqual(["package-lock.json"]);
  });
});
