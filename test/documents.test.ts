import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Kind, members } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { gridSchema, protocolSchema, runsOf, specSchema, suiteSchema } from "@everlearn/records";
import { pluginProblems } from "@everlearn/composition";
import { describe, expect, it } from "vitest";
import { files, read, root } from "./workspace.js";

/** A page's text by its headings; of a heading that stands twice, the last. */
function sections(page: string): Map<string, string> {
  const parts = read(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .split(/^#+ /m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n"))] as const));
}

/** The names in the first column of a section's tables: `add(v, scale?)` is named `add`. */
function namesIn(text = ""): string[] {
  const cells = [...text.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([\w$]+)[^`]*`/g)].map(([, name]) => name)).toSorted();
}

/** The members that an interface of the contracts declares itself. */
function declared(file: string, name: string): string[] {
  const source = read(`packages/contracts/src/${file}.ts`);
  const [, body] = new RegExp(`^export interface ${name}\\b[^{]*\\{\n([\\s\\S]*?)^\\}`, "m").exec(source) ?? [];
  return [...(body ?? "").matchAll(/^ {2}(?:readonly )?(\w+)[?(:]/gm)].map(([, member]) => member);
}

describe("docs/contracts.md", () => {
  const page = sections("docs/contracts.md");
  const stateful = ["save", "load"];
  /** The headings of each kind's tables; a metric is a function, and has no members. */
  const kinds: Readonly<Record<Kind, readonly string[]>> = {
    dataset: ["Dataset"],
    stream: ["Stream"],
    scenario: ["Scenario"],
    network: [...page.keys()].filter((heading) => /^(Core|Fast paths|Backward):/.test(heading)),
    optimizer: ["Optimizer"],
    augmentation: ["Augmentation"],
    buffer: ["Buffer"],
    learner: ["Learner"],
    metric: [],
    tracker: ["Tracker"],
  };

  it.each(Object.entries(kinds))("names every member of a %s, and no other", (kind, headings) => {
    expect(headings.flatMap((heading) => namesIn(page.get(heading))).toSorted()).toEqual(
      Object.keys(members[kind as Kind]).toSorted(),
    );
  });

  it("names every member of what parts are handed, and no other", () => {
    expect(namesIn(page.get("Random"))).toEqual([...declared("random", "Random"), ...stateful].toSorted());
    expect(namesIn(page.get("Vector"))).toEqual(declared("vector", "Vector").toSorted());
    const experience = [...declared("dataset", "Examples"), ...declared("stream", "Experience")];
    expect(namesIn(page.get("Examples and experiences"))).toEqual(experience.toSorted());
    expect(namesIn(page.get("Metric"))).toEqual(declared("metric", "Evaluations").toSorted());
  });

  it("says of every kind what it is handed", () => {
    const handed = page.get("What `create` is handed") ?? "";
    for (const kind of Object.keys(members)) expect(handed).toMatch(new RegExp(`^\\|[^|]*\\b${kind}\\b`, "m"));
  });
});

describe("docs/suites.md", () => {
  const page = sections("docs/suites.md");
  const keys = (schema: { readonly properties: object }) => Object.keys(schema.properties);
  const { $schema: _, protocol: __, evaluation, dataset, ...rest } = specSchema.properties;

  it("names every field of the schema where it belongs, and no other", () => {
    const { budget, tuning } = protocolSchema.properties;
    const tables: readonly (readonly [heading: string, fields: readonly string[]])[] = [
      ["Fields of a run", ["evaluation", "dataset", ...Object.keys(rest)]],
      ["A part", keys(dataset as unknown as { properties: object })],
      ["Evaluation", keys(evaluation)],
      ["A suite", keys(suiteSchema).filter((field) => !keys(specSchema).includes(field))],
      ["A grid", keys(gridSchema).filter((field) => !keys(specSchema).includes(field))],
      ["The protocol", keys(protocolSchema)],
      ["Budget", keys(budget)],
      ["Tuning", keys(tuning)],
    ];
    for (const [heading, fields] of tables)
      expect(namesIn(firstColumn(page.get(heading))), heading).toEqual(fields.toSorted());
    expect(read("docs/suites.md")).toContain("`$schema`");
  });

  const examples = [...read("docs/suites.md").matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
    ([, code]) => JSON.parse(code) as { readonly name: string },
  );

  it.each(examples)("shows $name, which can be read and planned", async (document) => {
    for (const run of runsOf(document, "suites.md")) await expect(plan(run, { from: [root] })).resolves.toBeDefined();
  });

  it("shows each form of a file", () => {
    const forms = examples.map((document) => ("learners" in document ? "grid" : "runs" in document ? "suite" : "run"));
    expect(new Set(forms)).toEqual(new Set(["run", "suite", "grid"]));
  });
});

/** A section's tables without what stands beside a first column. */
const firstColumn = (text = ""): string => text.replaceAll(/^(\| `[^|]* \|).*$/gm, "$1");

describe("the documents", () => {
  it("can all be reached from the first README", () => {
    for (const path of files.filter((path) => /^docs\/[^/]+\.md$/.test(path)))
      expect(read("README.md"), path).toContain(`](${path})`);
  });

  it("of methods that can be expressed show each that is tried", () => {
    const page = read("docs/can-everlearn-express-my-method.md");
    const tried = files.filter((path) => path.startsWith("test/methods/"));
    expect(tried.length).toBeGreaterThan(3);
    for (const path of tried) expect(page).toContain(`](../${path})`);
  });

  it("have the page that a plugin for earlier contracts is sent to", () => {
    const [sentence] = pluginProblems({ kind: "metric", name: "old", options: {}, create: () => 0 });
    const [path = "none"] = /docs\/[\w-]+\.md/.exec(sentence) ?? [];
    expect(existsSync(join(root, path)), sentence).toBe(true);
    expect(readFileSync(join(root, path), "utf8")).toContain("contract: 2");
  });
});
