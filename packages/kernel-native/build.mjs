// Compiles the kernels natively, for this machine. npm run native: everlearn in this clone then uses them.
//
//   node packages/kernel-native/build.mjs [--compiler COMMAND] [--out DIR]
//
// --compiler:  a C compiler, clang or gcc; by default the first of the two that is here
// --out:       where PLATFORM/kernel.node goes; packages/kernel-native/build by default, where everlearn finds it
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import headers from "node-api-headers";
import { digestOf, folders, root, sourcesOf } from "../wasm/kernel/sources.mjs";

const addon = fileURLToPath(new URL("addon", import.meta.url));

/** No multiplication becomes one operation with an addition, and no sum changes its order: the bits are WebAssembly's. */
const bits = ["-ffp-contract=off"];
const common =
  "-std=gnu2x -O3 -fPIC -fvisibility=hidden -fno-strict-aliasing -fno-math-errno -Wall -Wextra -Wno-psabi".split(" ");

const x64 = { 4: "x86-64-v2", 8: "x86-64-v3", 16: "x86-64-v4" };
const arm64 = { 4: "armv8-a" };
const linux = ["-shared", "-nostdlib"];
const darwin = ["-shared", "-Wl,-undefined,dynamic_lookup"];

/** For each platform the instruction set for each width of vectors, and how the addon is linked. */
const platforms = {
  "linux-x64": { sets: x64, linking: linux },
  "linux-arm64": { sets: arm64, linking: linux },
  "darwin-x64": { sets: x64, linking: darwin },
  "darwin-arm64": { sets: arm64, linking: darwin },
};
const own = `${process.platform}-${process.arch}`;

/** Runs a command quietly. @throws Error with what it said */
function run(command, args) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error || status !== 0) throw new Error(`${[command, ...args].join(" ")}\n${error ? error.message : stderr}`);
}

const works = (command) => spawnSync(command, ["--version"]).status === 0;

/** The compiler that was asked for, or the first that is here. @throws Error where there is none */
function compilerOf(wanted) {
  const found = (wanted === undefined ? ["clang", "gcc"] : [wanted]).find(works);
  if (found !== undefined) return found;
  throw new Error(
    wanted === undefined
      ? "No C compiler was found: install clang or gcc. Without native kernels everlearn computes the same with WebAssembly."
      : `The compiler "${wanted}" does not run here; name another with --compiler.`,
  );
}

const types = {
  address: (value) => `integer(${value})`,
  uint32_t: (value) => `integer(${value})`,
  int32_t: (value) => `(int32_t)integer(${value})`,
  float: (value) => `(float)${value}`,
};

/** The functions that a kernel exports: their types as they stand in its sources. */
function exportsOf(sources) {
  return sources.flatMap(([path, content]) =>
    [...(/\.[ch]$/.test(path) ? content.toString() : "").matchAll(/^(\w+) EXPORT\((\w+)\)\(([^)]*)\)/gm)].map(
      ([, result, name, parameters]) => ({
        ...{ result, name },
        parameters: parameters.split(",").map((parameter) => parameter.trim().split(/\s+/)[0]),
      }),
    ),
  );
}

/** The source of a kernel for one width of vectors. */
function sourceOf(folder, lanes, name) {
  const sources = sourcesOf(folder);
  const functions = exportsOf(sources);
  const calls = functions.map(({ result, name: exported, parameters }) => {
    const given = parameters.map((type, i) => types[type](`block->arguments[${i}]`));
    const call = `${name}_${exported}(${given.join(", ")})`;
    return `static napi_value call_${exported}(napi_env env, napi_callback_info info) {
  Block* block = blockOf(env, info);
  base = block->base;
  ${result === "void" ? call : `block->result = ${call}`};
  return 0;
}`;
  });
  const list = functions.map(({ name: exported }) => `  {"${exported}", call_${exported}},`);
  return `#define KERNEL ${name}
#define LANES ${lanes}
#include "kernel.h"
#include <${folder.split("/")[1]}/kernel/kernel.c>

${calls.join("\n")}

static const Function functions[] = {
${list.join("\n")}
  {0, 0},
};
const NativeKernel ${name} = {"${digestOf(sources)}", ${lanes}, functions};
`;
}

/** Compiles and links the addon. @returns its file */
function build({ sets, linking }, compiler, out) {
  const work = mkdtempSync(join(tmpdir(), "everlearn-native-"));
  try {
    const places = [addon, headers.include_dir, join(root, "packages"), join(root, "plugins")];
    const flags = [...common, ...bits, ...places.flatMap((place) => ["-I", place])];
    const objects = [];
    const compile = (source, ...more) => {
      const object = join(work, `${objects.length}.o`);
      run(compiler, [...flags, ...more, "-c", source, "-o", object]);
      objects.push(object);
    };
    const names = [];
    for (const folder of folders)
      for (const [lanes, set] of Object.entries(sets)) {
        const name = `${folder.split("/")[1].replaceAll("-", "_")}_${lanes}`;
        const source = join(work, `${name}.c`);
        writeFileSync(source, sourceOf(folder, Number(lanes), name));
        compile(source, `-march=${set}`);
        names.push(name);
      }
    const table = join(work, "kernels.c");
    writeFileSync(
      table,
      `#include "addon.h"\n${names.map((name) => `extern const NativeKernel ${name};`).join("\n")}\nconst NativeKernel* const kernels[] = {${names.map((name) => `&${name}`).join(", ")}, 0};\n`,
    );
    compile(table);
    compile(join(addon, "addon.c"));
    const linked = join(work, "kernel.node");
    run(compiler, [...linking, "-s", ...objects, "-o", linked]);
    const file = join(out, own, "kernel.node");
    mkdirSync(join(out, own), { recursive: true });
    rmSync(file, { force: true }); // a process that has loaded the old one keeps it
    copyFileSync(linked, file);
    return file;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    compiler: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("build", import.meta.url)) },
  },
});
try {
  if (!Object.hasOwn(platforms, own))
    throw new Error(`There are no native kernels for ${own}; everlearn computes the same with WebAssembly.`);
  const compiler = compilerOf(values.compiler);
  const file = build(platforms[own], compiler, resolve(values.out));
  console.log(`${own}: ${file}, ${Math.ceil(statSync(file).size / 1000)} kB, by ${compiler}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
