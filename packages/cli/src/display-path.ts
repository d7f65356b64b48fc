import { relative } from "node:path";

/** A path relative to the working folder if it lies within it, else as it is. */
export function displayPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
