import type { RunSpec } from "@everlearn/composition";
import { runsOf } from "@everlearn/records";
import { suite } from "../digests.mjs";
import { json, plugins } from "../workspace.js";

/** Plugins that read files or need a server: they cannot be in a page. */
const elsewhere = /^@everlearn\/(dataset-(?!glyphs|validation)|tracker-|network-tfjs)/;

/** The packages of all plugins that need no files. */
export const portable: readonly string[] = plugins
  .map(({ manifest }) => manifest.name)
  .filter((name) => !elsewhere.test(name));

/** The golden runs as plain values, and their digests. */
export const specs: readonly RunSpec[] = runsOf(suite, "digests.mjs").map((run) => {
  const { source: _, ...spec } = run;
  return spec;
});
export const expected = json("test/golden.json") as Readonly<Record<string, string>>;
