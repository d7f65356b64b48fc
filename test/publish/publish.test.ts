import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { repositoryOf, setting, withAbsoluteLinks, withAddresses } from "../../release/addresses.mjs";
import { json, read, root as place, workspaces } from "../workspace.js";
import { loopback } from "./loopback.mjs";

interface Published {
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly publishConfig?: unknown;
  readonly repository?: unknown;
  readonly homepage?: unknown;
  readonly bugs?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
}

const root = json("package.json") as Published;
const repository = "https://git.invalid/someone/everlearn";
const commit = "c".repeat(40);
/** The targets of a page's links, code apart. */
const targets = (page: string) =>
  [...page.replaceAll(/^```[^]*?^```$|`[^`\n]+`/gm, "").matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, inline, attribute]) => inline ?? attribute,
  );

describe.each(workspaces.map(({ folder }) => ({ folder, manifest: json(`${folder}/package.json`) as Published })))(
  "$folder",
  ({ folder, manifest }) => {
    it("is published for all, nowhere in particular, and says what it is", () => {
      expect(manifest.private).toBeUndefined();
      expect(manifest.publishConfig).toEqual({ access: "public" });
      expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(manifest.description).toMatch(/.{10}/);
      expect(manifest.keywords).toContain("everlearn");
    });

    it("states no address, which only a release knows", () => {
      for (const { repository, homepage, bugs } of [root, manifest])
        expect([repository, homepage, bugs]).toEqual([undefined, undefined, undefined]);
    });

    it("has a README whose links lead to the repository, where it is published", () => {
      const page = read(`${folder}/README.md`);
      const published = withAbsoluteLinks(page, { repository, commit, root: place, folder });
      expect(targets(published)).toHaveLength(targets(page).length);
      for (const target of targets(published)) {
        expect(target).toMatch(/^(?:https?:\/\/|#)/);
        if (!target.startsWith(repository)) continue;
        const [, view, path] = new RegExp(`^${repository}/(blob|tree|raw)/${commit}/([^#]+)`).exec(target) ?? [];
        expect(existsSync(join(place, path)), target).toBe(true);
        expect(view === "tree").toBe(existsSync(join(place, path, "README.md")));
      }
    });

    it("does nothing when it is installed", () => {
      const lifecycle = ["preinstall", "install", "postinstall", "prepare", "prepublish", "prepublishOnly"];
      expect(Object.keys(manifest.scripts ?? {}).filter((script) => lifecycle.includes(script))).toEqual([]);
    });
  },
);

describe("a release", () => {
  it("versions each package by its commits, exactly as the others name it", () => {
    expect(json("lerna.json")).toMatchObject({
      version: "independent",
      npmClient: "npm",
      packages: ["packages/*", "plugins/*"],
      command: {
        version: {
          allowBranch: "main",
          changelogPreset: "conventionalcommits", // lerna's own takes no notice of "!"
          conventionalCommits: true,
          exact: true,
          message: "chore: release",
        },
      },
    });
  });

  it("is built first, publishes copies with addresses, and states its provenance", () => {
    expect(root.private).toBe(true);
    expect(json("lerna.json")).toMatchObject({ command: { publish: { contents: ".release" } } });
    expect(root.scripts).toMatchObject({
      // In the order in which lerna runs them.
      release: "node release/prepare.mjs --check && NPM_CONFIG_PROVENANCE=true lerna publish",
      prepare: "npm run build",
      prepublishOnly: "node release/prepare.mjs",
      postpublish: "node release/prepare.mjs --clean",
    });
    const ignored = execFileSync("git", ["check-ignore", "plugins/any/.release/"], { cwd: place, encoding: "utf8" });
    expect(ignored).toBe("plugins/any/.release/\n");
  });

  it("is a workflow that tells the release its own repository, and calls scripts that there are", () => {
    const workflow = read(".github/workflows/release.yml");
    expect(workflow).toContain(`${setting}: \${{ github.server_url }}/\${{ github.repository }}\n`);
    expect(workflow).toMatch(/^ {2}id-token: write/m); // provenance
    expect(workflow).toMatch(/^ +fetch-depth: 0/m); // versions
    const called = [...workflow.matchAll(/\bnpm run ([\w:]+)/g)].map(([, script]) => script);
    expect(Object.keys(root.scripts ?? {})).toEqual(expect.arrayContaining(called));
    expect(called).toContain("release");
  });

  it.each([[], ["--check"]])("is refused without an address, before anything is copied: %j", (...args) => {
    const { [setting]: _, ...env } = process.env;
    const ended = spawnSync(process.execPath, ["release/prepare.mjs", ...args], { cwd: place, env, encoding: "utf8" });
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      /^A release fills .+ from one address, which it was not told; set EVERLEARN_REPOSITORY to the repository's address, .+\.\n$/,
    );
    expect(workspaces.filter(({ folder }) => existsSync(join(place, folder, ".release")))).toEqual([]);
  });

  it.each([repository, `${repository}/`, `${repository}.git`])("takes the address %s", (address) => {
    expect(repositoryOf(address)).toBe(repository);
  });

  it.each([
    "git@git.invalid:someone/everlearn.git",
    "git+https://git.invalid/someone/everlearn.git",
    "http://git.invalid/someone/everlearn",
    "https://git.invalid/everlearn",
    "https://someone@git.invalid/someone/everlearn",
    "https://HOST/OWNER/NAME#readme",
    "someone/everlearn",
    " ",
  ])("does not take the address %j", (address) => {
    expect(() => repositoryOf(address)).toThrow(`EVERLEARN_REPOSITORY is "${address}", which is not the address of a`);
  });

  it("fills in what npm shows of a package, and nothing else", () => {
    expect(withAddresses({ name: "one" }, repository, "packages/one")).toEqual({
      name: "one",
      repository: { type: "git", url: `git+${repository}.git`, directory: "packages/one" },
      homepage: `${repository}/tree/HEAD/packages/one#readme`,
      bugs: { url: `${repository}/issues` },
    });
  });

  describe("makes links absolute", () => {
    const absolute = (page: string) =>
      withAbsoluteLinks(page, { repository, commit, root: place, folder: "packages/cli" });

    it.each([
      ["[a file](../../README.md)", `[a file](${repository}/blob/${commit}/README.md)`],
      ["[a part](../../README.md#run)", `[a part](${repository}/blob/${commit}/README.md#run)`],
      ["[a folder](../host)", `[a folder](${repository}/tree/${commit}/packages/host)`],
      ["[`code`](src/main.ts)", `[\`code\`](${repository}/blob/${commit}/packages/cli/src/main.ts)`],
      ['[titled](../host "Host")', `[titled](${repository}/tree/${commit}/packages/host "Host")`],
      ["![a picture](../../docs/mlflow.png)", `![a picture](${repository}/raw/${commit}/docs/mlflow.png)`],
      ['<img src="../../docs/mlflow.png">', `<img src="${repository}/raw/${commit}/docs/mlflow.png">`],
      ["[host]: ../host", `[host]: ${repository}/tree/${commit}/packages/host`],
    ])("%s", (page, expected) => {
      const text = (link: string) => `# Links\n\n${link}\n\n- ${link.startsWith("[host]") ? "" : link}, again.\n`;
      expect(absolute(text(page))).toBe(text(expected));
    });

    it.each([
      "[elsewhere](https://npm.invalid/a)",
      "[below](#options)",
      "`[code](../host)`",
      "```md\n[code](../host)\n```",
    ])("but not %j", (page) => {
      expect(absolute(page)).toBe(page);
    });

    it("and refuses one that leads nowhere", () => {
      expect(() => absolute("[lost](../lost.md)")).toThrow(
        "packages/cli/README.md links to ../lost.md, which is not there.",
      );
    });
  });
});

describe("the rehearsal's registry", () => {
  it.each(["http://127.0.0.1:4873/", "http://127.5.6.7/", "http://[::1]:80/"])("may be %s", (url) => {
    expect(loopback(url)).toBe(url);
  });

  it.each([
    "https://registry.example.org/",
    "http://registry.example.org/",
    "http://localhost:4873/", // a name means what a file says
    "http://127.0.0.1.example.org/",
    "http://127.0.0.1@example.org/",
    "http://user@127.0.0.1/",
    "https://127.0.0.1/",
    "http://128.0.0.1/",
    "http://0.0.0.0:4873/",
    "http://[::]/",
    "http://10.0.0.1/",
    "file:///registry",
    "127.0.0.1:4873",
    "",
  ])("may not be %j", (url) => {
    expect(() => loopback(url)).toThrow(/loopback|Invalid URL/);
  });

  it("may have no name and no address of another machine", () => {
    const elsewhere = fc.oneof(
      fc.domain(),
      fc.ipV4().filter((address) => !address.startsWith("127.")),
    );
    const path = fc.webPath();
    fc.assert(
      fc.property(elsewhere, path, (host, path) => {
        expect(() => loopback(`http://${host}${path}`)).toThrow("loopback");
      }),
    );
  });
});
