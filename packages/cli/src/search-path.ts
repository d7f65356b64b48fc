import { dirname, resolve } from "node:path";
import type { RunSpec } from "@everlearn/records";
import { packageRoot } from "./package-root.js";

/** The folders in which plugins are looked for, first to last: the working folder, then what comes with the command. */
export const searchPath = (): string[] => [process.cwd(), packageRoot];

/** As `searchPath`, but the folder of the spec's file comes first. */
export function searchPathOf({ source }: Pick<RunSpec, "source">): string[] {
  return [...(source === undefined ? [] : [dirname(resolve(source.file))]), ...searchPath()];
}
