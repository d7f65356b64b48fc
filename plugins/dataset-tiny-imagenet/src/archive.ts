import type { PictureLayout, Lists, Picture, PictureArchive } from "@everlearn/downloads";

/** Tiny ImageNet as its authors publish it. */
export const archive: PictureArchive = {
  name: "tiny-imagenet",
  title: "Tiny ImageNet",
  mirrors: ["http://cs231n.stanford.edu/"],
  file: "tiny-imagenet-200.zip",
  md5: "90528d7ca1a48142e341f4ef8d21d0de",
  limit: 2 ** 28,
  folder: "tiny-imagenet-200",
};

/** Classes are the identifiers of wnids.txt, sorted; what they are called is in words.txt, if it is there. */
export async function arrange({ files, lines, fail }: Lists): Promise<PictureLayout> {
  const ids = (await lines("wnids.txt")).map((line) => line.trim()).toSorted();
  const place = new Map(ids.map((id, i) => [id, i]));
  const words = files.includes("words.txt") ? await lines("words.txt") : [];
  const called = new Map(words.map((line) => line.split("\t") as [string, string]));
  const classNames = ids.map((id) => called.get(id)?.split(",")[0].trim() || id);

  const train = files.flatMap((file): Picture[] => {
    const [, id] = /^train\/([^/]+)\/images\/[^/]+\.jpe?g$/i.exec(file) ?? [];
    if (id === undefined) return [];
    const label = place.get(id);
    if (label === undefined) throw fail(`holds ${file}, whose class is not in wnids.txt`);
    return [{ file, label }];
  });
  const there = new Set(files);
  const test = (await lines("val/val_annotations.txt")).map((line): Picture => {
    const [name, id] = line.split("\t");
    const file = `val/images/${name}`;
    const label = place.get(id);
    if (label === undefined || !there.has(file))
      throw fail(
        `lists ${name} of ${id} in val/val_annotations.txt, but holds no such ${label === undefined ? "class" : "picture"}`,
      );
    return { file, label };
  });
  return { classNames, train, test };
}
