// Attacks by text: wherever a spec has words of its author, they reach a terminal, pages and tables, and may do nothing there.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSite, csv, latex, markdown } from "@everlearn/leaderboard";
import { readReceipts } from "@everlearn/records";
import { endedForPeople, inFolder, start } from "./command.mjs";
import { chooser, hostileText } from "./hostile.mjs";
import { run } from "./reading.mjs";

/** Where a text may stand: each puts it into a spec. */
const places = [
  (spec, text) => ({ ...spec, name: text }),
  (spec, text) => ({ ...spec, label: text }),
  (spec, text) => ({ ...spec, label: text }),
  (spec, text) => ({ ...spec, description: text }),
  (spec, text) => ({ ...spec, description: text }),
  (spec, text) => ({ ...spec, protocol: { title: text } }),
  (spec, text) => ({ ...spec, protocol: { title: "T", settings: { rotations: text } } }),
  (spec, text) => ({ ...spec, settings: { rotations: text } }),
  (spec, text) => ({ ...spec, learner: { use: text } }),
  (spec, text) => ({ ...spec, learner: { ...spec.learner, [text]: 1 } }),
  (spec, text) => ({ ...spec, learner: { ...spec.learner, alpha: text } }),
  (spec, text) => ({ ...spec, dataset: { use: "images", path: text } }),
  (spec, text) => ({ ...spec, [text]: text }),
];

// What moves a cursor, rings, colours, or turns the direction of writing. A line's end is the program's own.
const unprintable = /[^\P{Cc}\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

// A text's markup where it would work: whole, and not in quotes that the page has put around it.
const working = /<script>hit|<img src=x|<svg onload|href="?javascript:/i;

async function pagesOf(directory) {
  const site = createSite();
  for await (const found of readReceipts([directory])) if ("receipt" in found) site.add(found.receipt);
  const files = [...site.files()].filter(({ path }) => path.endsWith(".html"));
  return { files, suites: site.suites() };
}

export async function string(index, seed) {
  const choose = chooser(seed, "strings", index);
  const text = hostileText(choose);
  return inFolder(async (cwd) => {
    const spec = choose.of(places)({ ...run, seeds: [0] }, text);
    writeFileSync(join(cwd, "spec.json"), JSON.stringify(spec));
    const end = await start(["run", "spec.json", "--out", "results"], { cwd }).ended;
    const written = end.stdout + end.stderr;
    const well = endedForPeople(end);
    if (unprintable.test(written)) throw new Error(`The terminal was sent ${JSON.stringify(written)}.`);
    if (written.length > 20_000) throw new Error(`It wrote ${written.length} characters.`);
    if (!well) return "refused";
    const { files, suites } = await pagesOf(join(cwd, "results"));
    for (const { path, content } of files)
      if (working.test(content)) throw new Error(`${path} has markup that a text brought: ${JSON.stringify(text)}.`);
    const cells = csv(suites).split(/\r\n|,/);
    const formula = cells.find((cell) => /^"?[=+@\t\r]/.test(cell));
    if (formula !== undefined) throw new Error(`A cell of the table is a formula: ${JSON.stringify(formula)}.`);
    if (/\\(?:input|write18)\b/.test(latex(suites))) throw new Error("The LaTeX table has a command of a text's.");
    if (/\]\(javascript:|<script|<img/.test(markdown(suites)))
      throw new Error("The Markdown table has a text's markup.");
    return "shown";
  });
}
