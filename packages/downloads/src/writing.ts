import type { Publication } from "./publication.js";

/** The folder cannot be written, so that no other mirror would help. */
export class FolderError extends Error {
  override name = "FolderError";
}

/** Awaits work on files of a directory. @throws FolderError where it fails */
export async function writing<T>({ name }: Publication, directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FolderError(
      `dataset-${name} cannot write to ${directory} (${code ?? message}); make room or give yourself the right to, or choose another folder with --data.`,
      { cause: error },
    );
  }
}
