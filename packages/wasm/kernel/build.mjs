// Compiles kernels. node packages/wasm/kernel/build.mjs FOLDER…: of each workspace, kernel/kernel.c with all that it includes
// becomes src/kernel.wasm.ts, which holds the module's bytes, so that it loads in Node, workers and browsers alike. The
// compiler is clang, itself WebAssembly from npm: no machine needs one of its own, and all of them get the same bytes.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const shared = "packages/wasm/kernel";
/** Loops are left as they are written where it matters: `disable-lsr` keeps constant offsets in the loads and stores. */
const compiling =
  "--target=wasm32 -std=c23 -O3 -msimd128 -ffp-contract=off -fno-strict-aliasing -fno-builtin -mllvm -disable-lsr -nostdlib -fvisibility=hidden -Wall -Wextra -Werror -I packages";
/** The memory begins with a small stack, which nothing uses today, and the constants; where they end, the host's part begins. */
const linking = "--no-entry --import-memory --export=__heap_base -z stack-size=1024 --stack-first --strip-all";

/** The files that a kernel may be made of, by their names in the repository. */
function sourcesOf(folder) {
  const places = [...new Set([shared, `${folder}/kernel`])];
  return places.flatMap((place) =>
    readdirSync(join(root, place))
      .toSorted()
      .map((name) => [`${place}/${name}`, readFileSync(join(root, place, name))]),
  );
}

/** A digest of all sources, and of this script. */
function digestOf(sources) {
  const hash = createHash("sha256");
  for (const [, content] of sources) hash.update(content);
  return hash.digest("hex");
}

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

/** @returns the bytes of a WebAssembly module */
async function compile(source, sources) {
  const { runLLVM } = await import("@yowasp/clang");
  let log = "";
  const decoder = new TextDecoder();
  const options = {
    stderr: (bytes) => {
      log += bytes ? decoder.decode(bytes, { stream: true }) : "";
    },
    fetchProgress() {}, // or else it is printed
  };
  try {
    const compiled = await runLLVM(
      ["clang", ...compiling.split(" "), "-c", source, "-o", "kernel.o"],
      treeOf(sources),
      options,
    );
    const linked = await runLLVM(
      ["wasm-ld", ...linking.split(" "), "kernel.o", "-o", "kernel.wasm"],
      compiled,
      options,
    );
    return linked["kernel.wasm"];
  } catch (error) {
    throw new Error(`${source} does not compile: ${error.message}\n${log}`); // a cause would print all files
  }
}

for (const folder of process.argv.slice(2)) {
  const sources = sourcesOf(folder);
  const stamp = `// Generated from the kernel's sources, SHA-256 ${digestOf(sources)}.`;
  const target = join(root, folder, "src/kernel.wasm.ts");
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(stamp)) continue;
  const bytes = await compile(`${folder}/kernel/kernel.c`, sources);
  const base64 = Buffer.from(bytes).toString("base64");
  writeFileSync(target, `${stamp}\n/** The module's bytes in base64. */\nexport const kernel: string = "${base64}";\n`);
  console.log(`${folder}: ${bytes.length} bytes of WebAssembly`);
}
