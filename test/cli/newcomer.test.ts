import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkComplaint, everlearn, folder, small } from "./everlearn.js";

const learner = "observe(batch) { network.descend(batch, 0.1); }, predict: (queries) => network.predict(queries)";
const stateless = "save: () => null, load() {}";

/** The source of a learner's plugin object, all right but for the changes. */
function plugin({ kind = '"learner"', name = '"mine"', options = "{}", create = "" } = {}): string {
  const right = `(options, { network }) => ({ ${learner}, ${stateless} })`;
  return `{ contract: 2, kind: ${kind}, name: ${name}, description: "One of mine.", options: ${options}, needs: ["network"], create: ${create || right} }`;
}

/** A folder with these files and a small run that uses this learner. */
function withLearner(use: object, files: Readonly<Record<string, string>>): string {
  const cwd = folder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  const { buffer: _, ...plain } = small;
  writeFileSync(join(cwd, "spec.json"), JSON.stringify({ ...plain, learner: use }));
  return cwd;
}

const run = (cwd: string) => everlearn(["run", "spec.json", "--out", "out"], { cwd });

/** All that the command says to a run whose learner is this file, before anything is written. */
async function says(source: string, file = "mine.mjs", options: object = {}, more: Record<string, string> = {}) {
  const cwd = withLearner({ use: `./${file}`, ...options }, { [file]: source, ...more });
  const sentence = checkComplaint(await run(cwd));
  expect(existsSync(join(cwd, "out"))).toBe(false);
  return sentence;
}

/** What it says to a learner whose parts are these. */
const saysToParts = (parts: string) =>
  says(`export default ${plugin({ create: `(options, { network }) => ({ ${parts} })` })};`);

/** An installed package with a learner. */
function installed(full: string, source: string, manifest: object = {}): Record<string, string> {
  const announced = { name: full, version: "1.0.0", type: "module", exports: "./index.js", ...manifest };
  return {
    [`node_modules/${full}/package.json`]: JSON.stringify(announced),
    [`node_modules/${full}/index.js`]: source,
  };
}

async function saysToPackage(use: string, files: Record<string, string>): Promise<string> {
  const cwd = withLearner({ use }, files);
  const sentence = checkComplaint(await run(cwd));
  expect(existsSync(join(cwd, "out"))).toBe(false);
  return sentence;
}

const place = "spec.json: /learner/use: ";
const whole = "{ kind, name, contract, description, options, create }";

describe.concurrent("a learner of one's own", () => {
  it("runs, from a file and from a package beside the spec", async () => {
    const good = `export default ${plugin()};`;
    const files = { "mine.mjs": good, ...installed("@me/everlearn-learner-mine", good) };
    for (const use of ["./mine.mjs", "mine", "@me/everlearn-learner-mine"]) {
      const ended = await run(withLearner({ use }, files));
      expect(ended).toMatchObject({ status: 0, stderr: "" });
      expect(ended.stdout).toMatch(/^small +1 +\d/m);
    }
  });

  it("without a default export is told to have one", async () => {
    expect(await says(`export const mine = ${plugin()};`)).toBe(
      `${place}"./mine.mjs" has no default export; its export "mine" looks like the plugin: write export default mine.`,
    );
    expect(await says("export function mine() {}")).toBe(
      `${place}"./mine.mjs" has no default export; let it export default ${whole}.`,
    );
  });

  it("that is a function is told to be an object", async () => {
    expect(await says("export default function mine() {}")).toBe(
      `${place}The default export of "./mine.mjs" is a function, where a plugin is an object: ${whole}.`,
    );
  });

  it("of a wrong kind is told", async () => {
    expect(await says(`export default ${plugin({ kind: '"Learner"' })};`)).toMatch(
      /its kind must be one of dataset, .+, tracker, but is "Learner"\.$/,
    );
    expect(await says(`export default ${plugin({ kind: '"buffer"' })};`)).toBe(
      `${place}"./mine.mjs" is a buffer, not a learner; name it in the spec's "buffer", or let its kind be "learner".`,
    );
  });

  it("whose name is none is told", async () => {
    expect(await says(`export default ${plugin({ name: '"My Learner"' })};`)).toBe(
      `${place}The default export of "./mine.mjs" is no plugin: its name must be 1 to 64 letters a-z, digits and hyphens, but is "My Learner".`,
    );
  });

  it.each([
    [
      '{ alpha: { type: "number", min: 0, description: "α" } }',
      /^The .+ no JSON Schema: of "alpha", unknown keyword: "min"\.$/,
    ],
    ['{ alpha: { type: "float", description: "α" } }', /^The .+ no JSON Schema: of "alpha", alpha\/type must be .+\.$/],
    ["{ alpha: 0.1 }", /its option "alpha" must be a schema such as \{"type": "number", .+, but is 0\.1\.$/],
    [
      '{ type: "object", properties: { alpha: { type: "number" } } }',
      /its option "type" must be .+ \(options are listed by name, without "type" and "properties" around them\)\.$/,
    ],
  ])("whose options are no schemas is told: %s", async (options, sentence) => {
    const said = await says(`export default ${plugin({ options })};`, "mine.mjs", { alpha: 1 });
    expect(said.replace(place, "")).toMatch(sentence);
  });

  it("that throws in create is named", async () => {
    const throwing = (what: string) => says(`export default ${plugin({ create: `() => { ${what} }` })};`);
    const who = 'spec.json: learner "mine": ';
    expect(await throwing('throw new Error("No model.");')).toBe(`${who}No model. (thrown by its create)`);
    expect(await throwing("network.foo();")).toBe(`${who}network is not defined (thrown by its create)`);
    expect(await throwing('throw new RangeError("alpha and beta add up to 1.");')).toBe(
      `${who}alpha and beta add up to 1.`,
    );
    expect(await throwing("")).toBe(`${who}its create answered nothing; let it return the learner.`);
  });

  it("that forgot a method is told which", async () => {
    expect(await saysToParts(learner)).toBe(
      'spec.json: learner "mine" has no save, load; a learner has observe, predict, save, load.',
    );
  });

  it("that is asynchronous is told not to be", async () => {
    const remedy = "learners answer at once: await what it takes in create, which may be async.";
    expect(await saysToParts(`async observe() {}, predict: (queries) => network.predict(queries), ${stateless}`)).toBe(
      `spec.json: learner "mine" has an async observe; ${remedy}`,
    );
    const promising = "observe: () => new Promise((_, fail) => setTimeout(fail, 1, new Error('late')))";
    const create = `(options, { network }) => ({ ${learner}, ${promising}, ${stateless} })`;
    const cwd = withLearner({ use: "./mine.mjs" }, { "mine.mjs": `export default ${plugin({ create })};` });
    expect(checkComplaint(await run(cwd))).toBe(
      `small, seed 0, task 0, example 0: learner "mine" answered observe with a promise; ${remedy}`,
    );
  });
});

describe.concurrent("a file", () => {
  it("with a slip in its syntax is told how to see the line", async () => {
    expect(await says("export default {\n  kind: 'learner'\n  name: 'mine',\n};")).toBe(
      `${place}The learner "./mine.mjs" cannot be loaded: Unexpected identifier 'name'; "node mine.mjs" shows the line.`,
    );
  });

  it("that is TypeScript is told to be compiled, where Node.js does not run it", async () => {
    const source = `const name: string = "mine"; export default ${plugin({ name: "name" })};`;
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major > 22 || (major === 22 && minor >= 18)) {
      expect((await run(withLearner({ use: "./mine.mts" }, { "mine.mts": source }))).status).toBe(0);
      return;
    }
    for (const file of ["mine.ts", "mine.mts"])
      expect(await says(source, file)).toMatch(
        /cannot be loaded: Node\.js [\d.]+ does not run TypeScript; name the JavaScript that it is compiled to\.$/,
      );
  });

  it("of CommonJS works where it exports the plugin", async () => {
    const ended = await run(withLearner({ use: "./mine.cjs" }, { "mine.cjs": `module.exports = ${plugin()};` }));
    expect(ended).toMatchObject({ status: 0, stderr: "" });
  });

  it("compiled to CommonJS is told to be an ES module", async () => {
    const build = `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.default = ${plugin()};`;
    expect(await says(build, "mine.cjs")).toBe(
      `${place}"./mine.cjs" is a CommonJS build, in which the default export is one level too deep; build it as an ES module ("type": "module" in package.json, "module": "nodenext" in tsconfig.json).`,
    );
  });

  it("that mixes the two kinds of module is told which it is", async () => {
    for (const [source, word] of [
      [`module.exports = ${plugin()};`, "module"],
      [`const fs = require("node:fs"); export default ${plugin()};`, "require"],
    ])
      expect(await says(source)).toBe(
        `${place}The learner "./mine.mjs" cannot be loaded: it is written as CommonJS (${word}); write import and export, or call the file .cjs.`,
      );
    const commonjs = { "package.json": '{"type": "commonjs"}' };
    for (const [file, source] of [
      ["mine.cjs", `export default ${plugin()};`],
      ["mine.js", `import "node:fs"; export default ${plugin()};`],
    ]) {
      const { status, stderr } = await run(withLearner({ use: `./${file}` }, { ...commonjs, [file]: source }));
      expect(status).toBe(1);
      // Node.js has a warning of its own before it.
      expect(stderr).toMatch(
        /^everlearn: .+; write "type": "module" into its package\.json, or call the file \.mjs\.$/m,
      );
    }
  });

  it("that imports what is not there is told what", async () => {
    expect(await says(`import "no-such-package"; export default ${plugin()};`)).toMatch(
      /cannot be loaded: Cannot find package 'no-such-package' imported from .+mine\.mjs; install that\.$/,
    );
    expect(await says(`import "./dist/rest.js"; export default ${plugin()};`)).toMatch(
      /cannot be loaded: Cannot find module '.+rest\.js' imported from .+mine\.mjs; was it built\?\.$/,
    );
  });

  it("that is a folder, or nothing, is told", async () => {
    expect(checkComplaint(await run(withLearner({ use: "./mine" }, { "mine/index.js": "" })))).toBe(
      `${place}The learner "./mine" is a folder; write its file, such as "./mine/index.js".`,
    );
    expect(checkComplaint(await run(withLearner({ use: "./mine.mjs" }, {})))).toBe(
      `${place}The learner "./mine.mjs" cannot be read (ENOENT); its path is relative to the spec.`,
    );
  });
});

describe.concurrent("a package", () => {
  const good = `export default ${plugin()};`;

  it("that holds another name than it announces is told both", async () => {
    const everlearn = { kind: "learner", name: "yours" };
    expect(await saysToPackage("yours", installed("everlearn-learner-mine", good, { everlearn }))).toBe(
      `${place}Package "everlearn-learner-mine" announces the learner "yours" in its package.json, but holds "mine"; make the two names the same.`,
    );
  });

  it("that announces no kind is told the kinds", async () => {
    const everlearn = { kind: "algorithm", name: "mine" };
    expect(await saysToPackage("mine", installed("everlearn-learner-mine", good, { everlearn }))).toBe(
      `${place}Package "everlearn-learner-mine" says "everlearn": {"kind":"algorithm","name":"mine"}; write {"kind":"learner","name":"mine"}, where the kind is one of dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric, tracker.`,
    );
    expect(await saysToPackage("my-learner", installed("my-learner", good))).toBe(
      `${place}Package "my-learner" is installed, but its package.json offers no plugin; it lacks "everlearn": {"kind": "learner", "name": "…"}.`,
    );
  });

  it("that claims another's name is named with it", async () => {
    const files = {
      ...installed("@me/everlearn-learner-mine", good),
      ...installed("@you/everlearn-learner-mine", good),
    };
    expect(await saysToPackage("mine", files)).toBe(
      `${place}Packages "@me/everlearn-learner-mine" and "@you/everlearn-learner-mine" both offer the learner "mine"; write the package's name instead.`,
    );
    expect((await run(withLearner({ use: "@you/everlearn-learner-mine" }, files))).status).toBe(0);
  });

  it("beside the spec comes before one that comes with the command", async () => {
    const own = `export default ${plugin({ name: '"online"' })};`;
    const files = installed("everlearn-learner-online", own);
    expect(await run(withLearner({ use: "online" }, files))).toMatchObject({ status: 0, stderr: "" });
    // The command's own has a required option, this one has none.
    expect(checkComplaint(await run(withLearner({ use: "online" }, {})))).toContain('/learner lacks "alpha"');
  });

  it("made for other contracts is refused with what to install", async () => {
    const made = (range: string) =>
      installed("everlearn-learner-mine", good, { peerDependencies: { "@everlearn/contracts": range } });
    expect(await saysToPackage("mine", made("^0.0.1"))).toMatch(
      /^.+Package "everlearn-learner-mine" 1\.0\.0 was made for @everlearn\/contracts \^0\.0\.1, but here they are [\d.]+; run "npm install everlearn-learner-mine@latest"\.$/,
    );
    expect(await saysToPackage("mine", made("^9.0.0"))).toMatch(/; run "npm install everlearn@latest"\.$/);
  });

  it("that was not built is told", async () => {
    const files = installed("everlearn-learner-mine", good, { exports: "./dist/index.js" });
    expect(await saysToPackage("mine", files)).toMatch(
      /The learner "everlearn-learner-mine" cannot be loaded: Cannot find module '.+dist\/index\.js' .+; was it built\?\.$/,
    );
  });
});
