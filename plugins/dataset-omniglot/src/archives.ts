import type { PictureLayout, Lists, PictureArchive } from "@everlearn/downloads";

const archive = (folder: string, md5: string): PictureArchive => ({
  name: "omniglot",
  title: "Omniglot",
  mirrors: ["https://raw.githubusercontent.com/brendenlake/omniglot/master/python/"],
  file: `${folder}.zip`,
  md5,
  limit: 2 ** 26,
  folder,
});

/** Omniglot's archives as its authors publish them, by the sets' names. */
export const archives = {
  background: archive("images_background", "68d2efa1b9178cc56df9314c21c6e718"),
  evaluation: archive("images_evaluation", "6b91aef0f799c5bb55b94e3f2daec811"),
  "background-small1": archive("images_background_small1", "e704a628b5459e08445c13499850abc4"),
  "background-small2": archive("images_background_small2", "b75a71a51d3b13f821f212756fe481fd"),
};

/** A drawing and where it belongs. */
interface Drawing {
  readonly file: string;
  readonly alphabet: string;
  readonly character: string;
  /** Who drew it, from 1. */
  readonly drawer: number;
}

/**
 * Drawings lie in folders of alphabets, and there of characters: Greek/character01/0394_01.png. Of each character the last
 * drawers' are for test. Drawings come drawer by drawer, so that neighbours are of different characters.
 */
export function arrange({ files, fail }: Lists, labels: "character" | "alphabet", testDrawings: number): PictureLayout {
  const drawings = files.flatMap((file): Drawing[] => {
    const [, alphabet, character, drawer] = /^([^/]+)\/([^/]+)\/[^/]*?_(\d+)\.png$/i.exec(file) ?? [];
    return alphabet === undefined
      ? []
      : [{ file, alphabet, character: `${alphabet}/${character}`, drawer: Number(drawer) }];
  });
  if (drawings.length === 0) throw fail("holds no drawings, such as Greek/character01/0394_01.png");
  const drawers = Math.max(...drawings.map(({ drawer }) => drawer));
  if (testDrawings >= drawers)
    throw fail(`holds ${drawers} drawings of a character, fewer than a test of ${testDrawings} needs`);
  const classNames = [...new Set(drawings.map((drawing) => drawing[labels]))].toSorted();
  const place = new Map(classNames.map((name, i) => [name, i]));
  const ordered = drawings
    .toSorted((a, b) => a.drawer - b.drawer)
    .map((drawing) => ({ ...drawing, label: place.get(drawing[labels]) as number }));
  return {
    classNames,
    train: ordered.filter(({ drawer }) => drawer <= drawers - testDrawings),
    test: ordered.filter(({ drawer }) => drawer > drawers - testDrawings),
  };
}
