import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { DamagedFileError, openTree } from "../src/index.js";
import { temporary } from "./tiny.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const files = { "a/one.txt": text("one"), "a/b/two.txt": text("two".repeat(1000)), "z.txt": text("") };

async function zipped(content: Zippable): Promise<string> {
  const path = join(await temporary(), "tree.zip");
  await writeFile(path, zipSync(content));
  return path;
}

async function unpacked(): Promise<string> {
  const folder = await temporary();
  for (const [name, content] of Object.entries({ ...files, "a/.DS_Store": text("x") })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

describe("openTree", () => {
  it("reads a zip archive as the folder that it unpacks to", async () => {
    for (const path of [await zipped({ ...files, "__MACOSX/a/._one.txt": text("x") }), await unpacked()]) {
      const tree = await openTree(path);
      expect(tree.files).toEqual(["a/b/two.txt", "a/one.txt", "z.txt"]);
      for (const [name, content] of Object.entries(files))
        expect(Buffer.compare(await tree.read(name), content)).toBe(0);
      await tree.close();
    }
  });

  it("leaves links of a folder alone", async () => {
    const folder = await unpacked();
    await symlink("/etc/passwd", join(folder, "link.txt"));
    expect((await openTree(folder)).files).not.toContain("link.txt");
  });

  it("refuses every beginning of an archive, at once or when what is missing is read", async () => {
    const whole = zipSync(files);
    const path = join(await temporary(), "tree.zip");
    for (let length = 0; length < whole.length; length += 3) {
      await writeFile(path, whole.subarray(0, length));
      await expect(openTree(path)).rejects.toThrow(new DamagedFileError(path, "is truncated, or no zip archive"));
    }
    const altered = Uint8Array.from(whole);
    altered[41] ^= 1;
    await writeFile(path, altered);
    const tree = await openTree(path);
    const all = Promise.all(tree.files.map((file) => tree.read(file)));
    await expect(all).rejects.toThrow(/tree\.zip (is altered: the sum of|has broken data in) a\/.*\.$/);
    await tree.close();
  });

  it.each<[string, Zippable, string]>([
    ["leads out", { "../evil": text("x") }, "holds the path ../evil, which leads out of its folder"],
    ["is absolute", { "/etc/evil": text("x") }, "holds the path /etc/evil, which leads out of its folder"],
    [
      "is a link",
      { link: [text("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] },
      "holds link, which is a link, where only files belong",
    ],
    [
      "is too large",
      { big: [new Uint8Array(2 ** 26 + 1), { level: 1 }] },
      "is too large: big in it has 67108865 bytes, more than 67108864",
    ],
  ])("refuses an archive where a file %s", async (_, content, problem) => {
    const path = await zipped(content);
    await expect(openTree(path)).rejects.toThrow(new DamagedFileError(path, problem));
  });
});
