import { SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { resolvePlugin } from "../src/index.js";
import { type Fake, fake } from "./fakes.js";

async function refusal(use: string, files: Record<string, string>): Promise<string> {
  const error: unknown = await resolvePlugin("learner", use, [tree(files)]).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}

/** The refusal of a module of this source. */
const ofSource = (source: string, file = "a.mjs") => refusal(`./${file}`, { [file]: source });

/** The refusal of a default export: a right one with these changes. */
const ofChanges = (changes: object) => {
  const { create = "() => {}", ...plain } = { kind: "learner", name: "a", contract: 2, options: {}, ...changes } as {
    create?: string;
  };
  return ofSource(`export default { ...${JSON.stringify(plain)}, create: ${create} };`);
};

const example = '{"type": "number", "description": "…"}';
const whole = "{ kind, name, contract, description, options, create }";

describe("a module that holds no plugin", () => {
  it.each<[source: string, says: string]>([
    ["export const a = 1;", `"./a.mjs" has no default export; let it export default ${whole}.`],
    [
      'export const plugin = { kind: "learner" };',
      '"./a.mjs" has no default export; its export "plugin" looks like the plugin: write export default plugin.',
    ],
    [
      "export default () => {};",
      `The default export of "./a.mjs" is a function, where a plugin is an object: ${whole}.`,
    ],
    ["export default null;", `The default export of "./a.mjs" is a null, where a plugin is an object: ${whole}.`],
  ])("is refused: %s", async (source, says) => {
    expect(await ofSource(source)).toBe(says);
  });

  it.each<[changes: object, says: string]>([
    [
      { kind: "learners" },
      'its kind must be one of dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric, tracker, but is "learners"',
    ],
    [{ name: "My learner" }, 'its name must be 1 to 64 letters a-z, digits and hyphens, but is "My learner"'],
    [{ name: undefined }, "its name must be 1 to 64 letters a-z, digits and hyphens, but is undefined"],
    [
      { options: undefined },
      "its options must be an object with a schema for each option ({} for none), but is undefined",
    ],
    [{ options: [] }, "its options must be an object with a schema for each option ({} for none), but is []"],
    [{ options: { alpha: 0.1 } }, `its option "alpha" must be a schema such as ${example}, but is 0.1`],
    [
      { options: { type: "object", properties: {} } },
      `its option "type" must be a schema such as ${example}, but is "object" (options are listed by name, without "type" and "properties" around them)`,
    ],
    [{ options: { use: {} } }, 'no option can be called "use", which has a meaning of its own in specs'],
    [{ needs: "buffer" }, 'its needs must be a list or a function, but is "buffer"'],
    [{ create: "{}" }, "its create must be a function, but is {}"],
    [
      { name: "", create: "3" },
      'its name must be 1 to 64 letters a-z, digits and hyphens, but is ""; its create must be a function, but is 3',
    ],
  ])("is told what is wrong: %j", async (changes, says) => {
    expect(await ofChanges(changes)).toBe(`The default export of "./a.mjs" is no plugin: ${says}.`);
  });

  it.each(["learner", "stream"] as const)('may call no option of a %s "of", which is its chain', async (kind) => {
    const source = `export default { kind: "${kind}", name: "a", contract: 2, options: { of: {} }, create() {} };`;
    await expect(resolvePlugin(kind, "./a.mjs", [tree({ "a.mjs": source })])).rejects.toThrow(
      'no option can be called "of", which has a meaning of its own in specs',
    );
  });
});

// What Node itself says of a file, such as of its syntax, is tried through the command: vitest loads modules its own way.
describe("a module that cannot be loaded", () => {
  const cannot = 'The learner "./a.mjs" cannot be loaded: ';

  it.each<[source: string, says: string | RegExp]>([
    ["throw new Error('No luck.\\nNone.');", `${cannot}No luck.`],
    ["throw 'luck';", `${cannot}it threw "luck".`],
    ["import 'no-such-package';", /cannot be loaded: Cannot find package 'no-such-package' .+; install that\.$/],
    ["import './dist/none.js';", /cannot be loaded: Cannot find module '.+none\.js' .+; was it built\?\.$/],
  ])("says why: %s", async (source, says) => {
    expect(await ofSource(source)).toEqual(typeof says === "string" ? says : expect.stringMatching(says));
  });

  it("of a package may have a missing entry", async () => {
    const gone: Fake = { kind: "learner", name: "gone", manifest: { main: "dist/index.js" } };
    expect(await refusal("gone", fake(gone))).toMatch(
      /^The learner "@fake\/learner-gone" cannot be loaded: Cannot find (?:module|package) .+; (?:was it built\?|install that)\.$/,
    );
    const closed: Fake = { kind: "learner", name: "closed", manifest: { exports: {} } };
    expect(await refusal("closed", fake(closed))).toMatch(
      /^The learner "@fake\/learner-closed" cannot be loaded: .+\.$/,
    );
  });
});
