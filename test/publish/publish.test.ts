import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { json, workspaces } from "../workspace.js";
import { loopback } from "./loopback.mjs";

interface Published {
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly publishConfig?: unknown;
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly scripts?: Readonly<Record<string, string>>;
}

const root = json("package.json") as Published;

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

    it("names the project's repository, which provenance is checked against, where the project has one", () => {
      const { repository } = root;
      expect(manifest.repository).toEqual(repository && { ...repository, directory: folder });
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
      command: { version: { allowBranch: "main", conventionalCommits: true, exact: true, message: "chore: release" } },
    });
  });

  it("is built first, and states its provenance", () => {
    expect(root.private).toBe(true);
    expect(root.scripts?.prepare).toBe("npm run build"); // lerna runs it before it packs
    expect(root.scripts?.release).toBe("NPM_CONFIG_PROVENANCE=true lerna publish");
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
