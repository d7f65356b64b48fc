// Compiles the kernel and inlines its bytes in src/kernel.wasm.ts, so that it loads in Node, workers and browsers alike.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const sources = ["kernel", "gradient-gram", "gram", "layout", "lists", "rows", "softmax", "vector"];
const hash = createHash("sha256");
for (const file of [...sources.map((name) => `${name}.ts`), "build.mjs"]) hash.update(readFileSync(here(file)));
const stamp = `// Generated from the kernel's sources, SHA-256 ${hash.digest("hex")}.`;
const target = here("../src/kernel.wasm.ts");

if (!existsSync(target) || !readFileSync(target, "utf8").startsWith(stamp)) {
  const { default: asc } = await import("assemblyscript/asc");
  const options =
    "--runtime stub --importMemory --initialMemory 1 --noAssert --enable simd -O3 --converge --use abort=";
  let bytes;
  let log = "";
  const { error } = await asc.main(["kernel.ts", ...options.split(" "), "--outFile", "kernel.wasm"], {
    readFile: (name) => (existsSync(here(name)) ? readFileSync(here(name), "utf8") : null),
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
  if (error) throw new Error(`The kernel does not compile: ${error.message}\n${log}`);
  const base64 = Buffer.from(bytes).toString("base64");
  writeFileSync(target, `${stamp}\nexport const kernel = "${base64}";\n`);
  console.log(`kernel: ${bytes.length} bytes of WebAssembly`);
}
