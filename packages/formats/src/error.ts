/** A file is not what its format requires. The message is a predicate of the file: `is truncated …`. */
export class FormatError extends Error {
  override name = "FormatError";
}
