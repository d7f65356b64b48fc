// Bundles the pages' scripts and style into src/site/page.bundle.ts, as text with the hashes that their policy names.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const target = here("../src/site/page.bundle.ts");
const shared = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
};

async function bundled(entry, format) {
  const { outputFiles } = await build({ ...shared, entryPoints: [here(entry)], format, target: "es2023" });
  const text = outputFiles[0].text.trim();
  // Nothing may end the element that it stands in; "\x3c" is the same in a string.
  if (/<\/(script|style)|<!--/i.test(text))
    throw new Error(`${entry}: the bundle holds a tag that would end its element.`);
  return text;
}

const parts = {
  standingsScript: await bundled("standings.ts", "iife"),
  runScript: await bundled("run.ts", "iife"),
  style: await bundled("page.css", undefined),
};
const lines = Object.entries(parts).flatMap(([name, text]) => [
  `export const ${name} = ${JSON.stringify(text)};`,
  `export const ${name}Hash = "sha256-${createHash("sha256").update(text).digest("base64")}";`,
]);
const source = `// Generated from packages/leaderboard/page.\n${lines.join("\n")}\n`;
if (!existsSync(target) || readFileSync(target, "utf8") !== source) {
  writeFileSync(target, source);
  const sizes = Object.entries(parts).map(([name, text]) => `${name} ${text.length}`);
  console.log(`pages: ${sizes.join(", ")} characters`);
}
