import type { PictureLayout, Lists, Picture, PictureArchive } from "@everlearn/downloads";

/** CORe50's pictures of 128 × 128 pixels as its authors publish them. */
export const archive: PictureArchive = {
  name: "core50",
  title: "CORe50",
  mirrors: ["http://bias.csr.unibo.it/maltoni/download/core50/"],
  file: "core50_128x128.zip",
  md5: "745f3373fed08d69343f1058ee559e13",
  limit: 6 * 2 ** 30,
  folder: "core50_128x128",
};

/** What objects 1 to 5, 6 to 10 and so on are. */
const categories =
  "plug adapter, mobile phone, scissors, light bulb, can, glasses, ball, marker, cup, remote control".split(", ");
const objectsOfEach = 5;

/** The sessions that test. */
const tested: ReadonlySet<number> = new Set([3, 7, 10]);

/** Pictures lie in s1 to s11, the sessions, and there in o1 to o50, the objects: s1/o1/C_01_01_000.png. */
export function arrange({ files, fail }: Lists, labels: "object" | "category"): PictureLayout {
  const pictures = files.flatMap((file) => {
    const [, session, object] = /^s(\d+)\/o(\d+)\/[^/]+\.png$/i.exec(file)?.map(Number) ?? [];
    if (session === undefined) return [];
    if (object < 1 || object > categories.length * objectsOfEach)
      throw fail(`holds ${file}, but CORe50's objects are o1 to o${categories.length * objectsOfEach}`);
    const label = labels === "object" ? object - 1 : Math.floor((object - 1) / objectsOfEach);
    return [{ file, label, session, object }];
  });
  // Session after session, object after object, as the pictures were taken.
  const ordered = pictures.toSorted((a, b) => a.session - b.session || a.object - b.object);
  const part = (isTest: boolean): Picture[] => ordered.filter(({ session }) => tested.has(session) === isTest);
  const objects = categories.flatMap((name) => Array.from({ length: objectsOfEach }, (_, i) => `${name} ${i + 1}`));
  return { classNames: labels === "object" ? objects : categories, train: part(false), test: part(true) };
}
