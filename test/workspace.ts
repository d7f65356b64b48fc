import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Kind, Plugin } from "@everlearn/contracts";

export const root: string = fileURLToPath(new URL("..", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly everlearn?: { readonly kind: Kind; readonly name: string };
}

/** A TypeScript file: its path from the root, and its text without comments. */
export interface Source {
  readonly path: string;
  readonly code: string;
  /** The packages that it imports, types included, and Node's own modules as `node:…`. */
  readonly imports: readonly string[];
}

/** One workspace of the repository. */
export interface Workspace {
  /** Such as `packages/host`, from the root. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly references: readonly string[];
  readonly sources: readonly Source[];
}

export const read = (path: string): string => readFileSync(join(root, path), "utf8");
export const json = (path: string): unknown => JSON.parse(read(path));

/** Every package and every plugin, found by its folder, but for what is not published. */
export const workspaces: readonly Workspace[] = ["packages", "plugins"].flatMap((room) =>
  readdirSync(join(root, room))
    .map((name) => `${room}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .filter((folder) => (json(`${folder}/package.json`) as { private?: boolean }).private !== true)
    .map((folder) => ({
      folder,
      manifest: json(`${folder}/package.json`) as Manifest,
      references: ((json(`${folder}/tsconfig.json`) as { references?: { path: string }[] }).references ?? []).map(
        ({ path }) => path,
      ),
      sources: typescript(`${folder}/src`),
    })),
);

export const plugins: readonly Workspace[] = workspaces.filter(({ folder }) => folder.startsWith("plugins/"));

/** A plugin's default export. */
export async function load({ folder }: Workspace): Promise<Plugin> {
  const module = (await import(pathToFileURL(join(root, folder, "src/index.ts")).href)) as { default: Plugin };
  return module.default;
}

/** The repository's own files: what git keeps, or would. */
export const files: readonly string[] = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)))
  .toSorted();

function typescript(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const path = `${folder}/${name.replaceAll("\\", "/")}`;
      const code = withoutComments(read(path));
      return { path, code, imports: importsOf(code) };
    });
}

/** Strings stay: a comment's beginning within one begins none. */
function withoutComments(code: string): string {
  const tokens = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|(?<!\\)\/\/.*/g;
  return code.replace(tokens, (_, string?: string) => string ?? " ");
}

/** `a/b` of the package `a`, `@a/b/c` of `@a/b`. Files of the same package are left out. */
function importsOf(code: string): string[] {
  const named = [...code.matchAll(/\b(?:from|import)\s*\(?\s*["']([@\w][\w@./:-]*)["']/g)].map(([, name]) => name);
  const packages = named.map((name) =>
    name.startsWith("node:")
      ? name
      : name
          .split("/")
          .slice(0, name.startsWith("@") ? 2 : 1)
          .join("/"),
  );
  return [...new Set(packages)].toSorted();
}
