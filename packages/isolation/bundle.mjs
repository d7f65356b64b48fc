// Bundles what a learner's process runs into one file: it starts once a cell, and would spend most of that time on finding modules.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
await build({
  entryPoints: [here("dist/entry.js")],
  outfile: here("dist/process.js"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
});
