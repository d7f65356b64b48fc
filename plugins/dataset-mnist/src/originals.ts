import {
  alteredProblem,
  contentSha256,
  DamagedFileError,
  type Publication,
  type PublishedFile,
} from "@everlearn/downloads";
import { idxBytes } from "@everlearn/formats";

/** One of the four files as it was published, known by the SHA-256 (hex) of its uncompressed content. */
export interface Original {
  readonly name: string;
  /** The sizes in its IDX header: images [n, rows, columns], labels [n]. */
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** The four files of a data set in MNIST's format. */
export interface Originals {
  readonly trainImages: Original;
  readonly trainLabels: Original;
  readonly testImages: Original;
  readonly testLabels: Original;
}

/** MNIST (LeCun, Cortes & Burges 1998). The sums are the same for every mirror, whatever its gzip settings. */
export const originals: Originals = {
  trainImages: {
    name: "train-images-idx3-ubyte",
    shape: [60_000, 28, 28],
    sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  },
  trainLabels: {
    name: "train-labels-idx1-ubyte",
    shape: [60_000],
    sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  },
  testImages: {
    name: "t10k-images-idx3-ubyte",
    shape: [10_000, 28, 28],
    sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  },
  testLabels: {
    name: "t10k-labels-idx1-ubyte",
    shape: [10_000],
    sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};

/** The four in the order in which they are read, fetched and summed. */
export function inOrder({ trainImages, trainLabels, testImages, testLabels }: Originals): readonly Original[] {
  return [trainImages, trainLabels, testImages, testLabels];
}

/** How the four files are found, fetched and checked. */
export function publicationOf(originals: Originals): Publication {
  return {
    name: "mnist",
    title: "MNIST",
    mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
    files: inOrder(originals).map(published),
  };
}

function published({ name, shape, sha256 }: Original): PublishedFile {
  const dotted = name.replace("-idx", ".idx");
  const bytes = idxBytes(shape);
  return {
    name,
    download: `${name}.gz`,
    spellings: [name, dotted, `${name}.gz`, `${dotted}.gz`],
    limit: bytes + 65_536, // gzip makes nothing much larger
    async check(path) {
      const found = await contentSha256(path, bytes);
      if (found !== sha256) throw new DamagedFileError(path, alteredProblem("SHA-256 of its content", sha256, found));
    },
  };
}
