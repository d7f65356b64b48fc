/** One file of a data set as it was published. */
export interface PublishedFile {
  /** What it is called in messages: `train-images-idx3-ubyte`. */
  readonly name: string;
  /** Its name at the mirrors, and on disk after a download: `train-images-idx3-ubyte.gz`. */
  readonly download: string;
  /** The names under which users have it, the one that is preferred first. */
  readonly spellings: readonly string[];
  /** The most bytes that a mirror may send for it. */
  readonly limit: number;
  /** @throws DamagedFileError where the file at `path` is not what was published */
  check(path: string): Promise<void>;
}

/** A data set as it was published: its files, and the mirrors that have them. */
export interface Publication {
  /** Its plugin's name, which is its folder's and the command's: `mnist`. */
  readonly name: string;
  /** As its authors write it: `MNIST`. */
  readonly title: string;
  /** URLs of folders that hold the files, tried in this order. */
  readonly mirrors: readonly string[];
  readonly files: readonly PublishedFile[];
}

/** A file is not what it should be. */
export class DamagedFileError extends Error {
  override name = "DamagedFileError";
  readonly path: string;
  /** What is wrong, as a predicate of the file: `is truncated …`. */
  readonly problem: string;
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}.`, options);
    this.path = path;
    this.problem = problem;
  }
}

/** How a wrong sum is told: enough digits to compare by eye. */
export function alteredProblem(what: string, expected: string, found: string): string {
  return `is altered: the ${what} is ${found.slice(0, 12)}…, not ${expected.slice(0, 12)}…`;
}
