import { cpus } from "node:os";

/** Describes the machine for the record of a run. */
export function environment(): Record<string, string> {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
  };
}
