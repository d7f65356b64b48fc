import { type Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeImage, type PictureFitting, fitted, FormatError, type Raster } from "@everlearn/formats";
import { type Content, everyNth, type Part } from "./content.js";

/** No file may be larger, in bytes. */
const most = 2 ** 28;

/** An image's file and its class. */
interface Item {
  readonly path: string;
  readonly label: number;
}

/**
 * Reads a folder of class folders of PNG and JPEG files, or two of them called `train` and `test`. Classes are numbered
 * by their folders' names, sorted by UTF-16 code units, and so are the files of a class.
 * @param testEvery without `train` and `test`, of each class every so-many-th file is a test example
 * @throws Error where a file or folder is not as it should be, with a sentence that names it
 */
export async function readFolder(folder: string, fitting: PictureFitting, testEvery: number): Promise<Content> {
  const names = await foldersIn(folder);
  const [hasTrain, hasTest] = ["train", "test"].map((name) => names.includes(name));
  if (hasTrain !== hasTest)
    throw new Error(
      `dataset-images: ${folder} has a folder ${hasTrain ? "train" : "test"} and none called ${hasTrain ? "test" : "train"}; add it, or call a class otherwise.`,
    );
  if (!hasTrain) {
    const items = await itemsIn(folder, names);
    const { train, test } = naming(folder, () =>
      everyNth(
        Uint32Array.from(items, ({ label }) => label),
        testEvery,
      ),
    );
    return contentOf(
      names,
      [train, test].map((places) => Array.from(places, (i) => items[i])),
      fitting,
    );
  }
  const classes = await foldersIn(join(folder, "train"));
  const stranger = (await foldersIn(join(folder, "test"), 0)).find((name) => !classes.includes(name));
  if (stranger !== undefined)
    throw new Error(
      `dataset-images: ${join(folder, "test", stranger)} is of a class without training examples; add ${join(folder, "train", stranger)}, or remove it.`,
    );
  const train = await itemsIn(join(folder, "train"), classes);
  const test = await itemsIn(join(folder, "test"), classes, true);
  return contentOf(classes, [train, test], fitting);
}

/** @throws Error for a FormatError, with the sentence that names the file */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Error(`dataset-images: ${path} ${error.message}.`, { cause: error });
  }
}

async function list(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter(({ name }) => !name.startsWith(".")); // what programs leave for themselves
}

/** The names of a folder's folders, sorted. @throws Error where there are fewer than `least` */
async function foldersIn(folder: string, least = 2): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of await list(folder)) if ((await stat(join(folder, name))).isDirectory()) names.push(name);
  if (names.length < least)
    throw new Error(
      `dataset-images: ${folder} has ${names.length === 0 ? "no folders" : "one folder"} in it, where each class has one, two at least; name a folder of class folders, or one of train and test.`,
    );
  return names.toSorted();
}

/** The images of all classes, class after class. @param empty whether a class may have none */
async function itemsIn(folder: string, classes: readonly string[], empty = false): Promise<Item[]> {
  const items: Item[] = [];
  for (const [label, name] of classes.entries()) {
    const own = join(folder, name);
    const entries = empty && !(await exists(own)) ? [] : await list(own);
    if (entries.length === 0 && !empty)
      throw new Error(`dataset-images: ${own} is a class folder without images; add some, or remove it.`);
    for (const file of entries.map((entry) => entry.name).toSorted()) {
      const path = join(own, file);
      if (!/\.(png|jpe?g)$/i.test(file) || !(await stat(path)).isFile())
        throw new Error(
          `dataset-images: ${path} is no PNG or JPEG file by its name; a class folder holds those only, so move it away.`,
        );
      items.push({ path, label });
    }
  }
  return items;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function contentOf(
  classNames: readonly string[],
  [train, test]: readonly (readonly Item[])[],
  fitting: PictureFitting,
): Promise<Content> {
  if (test.length === 0) throw new Error("dataset-images found no test images; add some to the class folders of test.");
  const first = await read(train[0], fitting);
  const shape = [first.rows, first.columns, first.channels];
  const part = async (items: readonly Item[]): Promise<Part> => {
    const values = new Uint8Array(items.length * first.data.length);
    for (const [i, item] of items.entries()) {
      const image = await read(item, fitting);
      checkAlike(image, item, first, train[0]);
      values.set(image.data, i * first.data.length);
    }
    return { values, labels: Uint32Array.from(items, ({ label }) => label) };
  };
  return { shape, classes: classNames.length, classNames, train: await part(train), test: await part(test) };
}

async function read({ path }: Item, fitting: PictureFitting): Promise<Raster> {
  const { size } = await stat(path);
  if (size > most) throw new Error(`dataset-images: ${path} is too large: ${size} bytes, more than ${most}.`);
  const bytes = await readFile(path);
  return naming(path, () => fitted(decodeImage(bytes), fitting));
}

function checkAlike(image: Raster, { path }: Item, first: Raster, { path: other }: Item): void {
  const size = ({ rows, columns }: Raster): string => `${columns} × ${rows}`;
  const kind = ({ channels }: Raster): string => (channels === 1 ? "grey" : "in colour");
  if (size(image) !== size(first))
    throw new Error(
      `dataset-images: ${path} has ${size(image)} pixels, but ${other} ${size(first)}; set "size" to scale all to one size.`,
    );
  if (image.channels !== first.channels)
    throw new Error(
      `dataset-images: ${path} is ${kind(image)}, but ${other} ${kind(first)}; set "color" to "grey" or "rgb" to have all alike.`,
    );
}
