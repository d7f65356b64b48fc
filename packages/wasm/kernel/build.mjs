// Compiles kernels. node packages/wasm/kernel/build.mjs: of each workspace that has one, kernel/kernel.c with all that it includes
// becomes src/kernel.wasm.ts, which holds the module's bytes, so that it loads in Node, workers and browsers alike. The
// compiler is clang, itself WebAssembly from npm: no machine needs one of its own, and all of them get the same bytes.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { digestOf, folders, root, sourcesOf } from "./sources.mjs";

/** Loops are left as they are written where it matters: `disable-lsr` keeps constant offsets in the loads and stores. */
const compiling =
  "--target=wasm32 -std=c23 -O3 -msimd128 -ffp-contract=off -fno-strict-aliasing -fno-builtin -mllvm -disable-lsr -nostdlib -fvisibility=hidden -Wall -Wextra -Werror -I packages";
/** The memory begins with a small stack, which nothing uses today, and the constants; where they end, the host's part begins. */
const linking = "--no-entry --import-memory --export=__heap_base -z stack-size=16384 --stack-first --strip-all";

/** Files as the compiler takes them: objects in objects. */
function treeOf(sources) {
  const tree = {};
  for (const [path, content] of sources) {
    const names = path.split("/");
    const file = names.pop();
    let folder = tree;
    for (const name of names) folder = folder[name] ??= {};
    folder[file] = content;
  }
  return tree;
}

/** Runs one of the compiler's programs. @returns the files, and those that it wrote */
async function run(command, files) {
  setFlagsFromString("--liftoff-only"); // to optimise the compiler takes V8 three times as long as these kernels
  const { runLLVM } = await import("@yowasp/clang");
  let log = "";
  const decoder = new TextDecoder();
  const stderr = (bytes) => {
    if (bytes) log += decoder.decode(bytes, { stream: true });
  };
  const fetchProgress = () => {}; // or else it is printed
  return runLLVM(command.split(" "), files, { stderr, fetchProgress }).catch(({ message }) => {
    throw new Error(`${command}\n${message}\n${log}`); // without the cause, which prints all files
  });
}

/** @returns the bytes of a WebAssembly module */
async function compile(source, sources) {
  const compiled = await run(`clang ${compiling} -c ${source} -o kernel.o`, treeOf(sources));
  const linked = await run(`wasm-ld ${linking} kernel.o -o kernel.wasm`, compiled);
  return Buffer.from(linked["kernel.wasm"]);
}

for (const folder of folders) {
  const sources = sourcesOf(folder);
  const digest = digestOf(sources);
  const target = join(root, folder, "src/kernel.wasm.ts");
  if (existsSync(target) && readFileSync(target, "utf8").includes(digest)) continue;
  const bytes = await compile(`${folder}/kernel/kernel.c`, sources);
  writeFileSync(
    target,
    `// Generated from the kernel's sources.
/** A kernel: the SHA-256 of its sources, and the module's bytes in base64. */
export const kernel: { readonly sources: string; readonly module: string } = {
  sources: "${digest}",
  module: "${bytes.toString("base64")}",
};
`,
  );
  console.log(`${folder}: ${bytes.length} bytes of WebAssembly`);
}
