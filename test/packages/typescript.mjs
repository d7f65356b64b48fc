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
 * @param {Record<"anywhere" | "web" | "others" | "unsound", Iterable<string>>} names those that need the types of the
 * language alone; those that need a browser's or Node.js's; those that need Node.js's; and those whose dependencies'
 * declarations are in error by themselves
 * @returns the ways
 */
export async function checkTypes(folder, { anywhere, web, others, unsound }) {
  copyFileSync(fileURLToPath(new URL("consumer.ts", import.meta.url)), join(folder, "consumer.ts"));
  const programs = {
    anywhere: { files: ["consumer.ts", "anywhere.ts"], imports: [...anywhere], lib: [], types: [] },
    browser: { files: ["browser.ts"], imports: [...anywhere, ...web], lib: ["dom"], types: [] },
    node: { files: ["node.ts"], imports: [...anywhere, ...web, ...others], lib: [], types: ["node"] },
    skipping: { files: ["skipping.ts"], imports: [...unsound], lib: [], types: ["node"], skipLibCheck: true },
  };
  for (const [program, { files, imports, lib, types, skipLibCheck = false }] of Object.entries(programs)) {
    const lines = imports.map((name, i) => `import * as p${i} from ${JSON.stringify(name)};`);
    const all = imports.map((_, i) => `p${i}`).join(", ");
    writeFileSync(join(folder, `${program}.ts`), `${lines.join("\n")}\nexport default [${all}];\n`);
    for (const [way, options] of Object.entries(ways)) {
      const compilerOptions = {
        ...options,
        ...{ target: "es2023", lib: ["es2023", ...lib], types, typeRoots: [join(root, "node_modules/@types")] },
        ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck, noEmit: true },
      };
      const config = `${program}-${way}.json`;
      writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files }));
      await shell(folder, join(root, "node_modules/.bin/tsc"), "-p", config);
    }
  }
  return Object.keys(ways);
}
