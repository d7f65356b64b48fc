// Compiles kernels. node packages/wasm/kernel/build.mjs FOLDER…: of each workspace, kernel/kernel.ts with all that it imports
// becomes src/kernel.wasm.ts, which holds the module's bytes, so that it loads in Node, workers and browsers alike.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const shared = "packages/wasm/kernel";
const options =
  "--runtime stub --importMemory --initialMemory 1 --noAssert --enable simd -O3 --converge --use abort=".split(" ");

/** A digest of all sources that a kernel may be made of, and of this script. */
function digestOf(folder) {
  const hash = createHash("sha256");
  for (const place of new Set([shared, `${folder}/kernel`]))
    for (const name of readdirSync(join(root, place)).toSorted()) hash.update(readFileSync(join(root, place, name)));
  return hash.digest("hex");
}

/** @returns the bytes of a WebAssembly module */
async function compile(source) {
  const { default: asc } = await import("assemblyscript/asc");
  let bytes;
  let log = "";
  const { error } = await asc.main([source, ...options, "--outFile", "kernel.wasm"], {
    readFile: (name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : null),
    writeFile: (name, content) => {
      if (name.endsWith(".wasm")) bytes = content;
    },
    listFiles: () => [],
    stderr: {
      write(text) {
        log += text;
        return true;
      },
    },
  });
  if (error) throw new Error(`${source} does not compile: ${error.message}\n${log}`);
  return bytes;
}

for (const folder of process.argv.slice(2)) {
  const stamp = `// Generated from the kernel's sources, SHA-256 ${digestOf(folder)}.`;
  const target = join(root, folder, "src/kernel.wasm.ts");
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(stamp)) continue;
  const bytes = await compile(`${folder}/kernel/kernel.ts`);
  const base64 = Buffer.from(bytes).toString("base64");
  writeFileSync(target, `${stamp}\n/** The module's bytes in base64. */\nexport const kernel: string = "${base64}";\n`);
  console.log(`${folder}: ${bytes.length} bytes of WebAssembly`);
}
