import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shell } from "./shell.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every way in which TypeScript looks for modules that can see a package's `exports`. */
const ways = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
};

/**
 * Compiles programs that use packages, with the packages' own declarations, in each of the ways.
 * @param {readonly string[]} portable those that need no types of Node.js
 * @param {readonly string[]} others
 * @returns the ways
 */
export async function checkTypes(folder, portable, others) {
  copyFileSync(fileURLToPath(new URL("consumer.ts", import.meta.url)), join(folder, "consumer.ts"));
  const programs = {
    portable: { files: ["consumer.ts", "portable.ts"], imports: portable, types: [] },
    node: { files: ["node.ts"], imports: [...portable, ...others], types: ["node"] },
  };
  for (const [program, { files, imports, types }] of Object.entries(programs)) {
    const lines = imports.map((name, i) => `import * as p${i} from ${JSON.stringify(name)};`);
    const all = imports.map((_, i) => `p${i}`).join(", ");
    writeFileSync(join(folder, `${program}.ts`), `${lines.join("\n")}\nexport default [${all}];\n`);
    for (const [way, options] of Object.entries(ways)) {
      const compilerOptions = {
        ...options,
        ...{ target: "es2023", lib: ["es2023"], types, typeRoots: [join(root, "node_modules/@types")] },
        ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
      };
      const config = `${program}-${way}.json`;
      writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files }));
      await shell(folder, join(root, "node_modules/.bin/tsc"), "-p", config);
    }
  }
  return Object.keys(ways);
}
