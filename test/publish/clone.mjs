import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** The workspaces of a repository that are published: their folders and manifests. */
export function workspacesOf(root) {
  return ["packages", "plugins"].flatMap((room) =>
    readdirSync(join(root, room)).flatMap((name) => {
      try {
        const manifest = JSON.parse(readFileSync(join(root, room, name, "package.json"), "utf8"));
        return manifest.private ? [] : [{ folder: `${room}/${name}`, ...manifest }];
      } catch {
        return []; // what is left of a package that is gone
      }
    }),
  );
}

/**
 * A clone of a repository as it stands, changes that are not committed included, as one commit more. What npm installed
 * is linked, the clone's own packages in place of the repository's.
 */
export async function cloneOf(root, clone, git) {
  await git(root, "clone", "--quiet", "--no-hardlinks", root, clone);
  await git(clone, "checkout", "--quiet", "-B", "main");
  await git(clone, "remote", "remove", "origin"); // there is nothing that it could push to
  const kept = (await git(root, "ls-files", "-co", "--exclude-standard", "-z")).split("\0").filter(Boolean);
  const committed = (await git(clone, "ls-files", "-z")).split("\0").filter(Boolean);
  for (const path of committed) rmSync(join(clone, path));
  for (const path of kept) {
    if (!statSync(join(root, path), { throwIfNoEntry: false })?.isFile()) continue; // deleted, not committed
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    copyFileSync(join(root, path), join(clone, path));
  }
  await git(clone, "add", "--all");
  await git(clone, "commit", "--quiet", "--allow-empty", "--message", "feat: as it stands");

  const modules = join(clone, "node_modules");
  mkdirSync(join(modules, "@everlearn"), { recursive: true });
  for (const entry of readdirSync(join(root, "node_modules")))
    if (!["@everlearn", "everlearn", ".cache", ".package-lock.json"].includes(entry))
      symlinkSync(join(root, "node_modules", entry), join(modules, entry));
  for (const { folder, name } of workspacesOf(clone)) symlinkSync(join(clone, folder), join(modules, name));
}
