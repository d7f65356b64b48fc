import { type RunSpec, readSpecs } from "@everlearn/records";
import { Failure } from "./failure.js";

/** The runs in spec files, in order. @throws SpecError where a file is not a spec */
export async function readRuns(files: readonly string[]): Promise<readonly RunSpec[]> {
  return (await Promise.all(files.map((file) => readSpecs(file)))).flat();
}

/** The runs with the given names, or all of them. @throws Failure where a name is unknown, or two runs have the same */
export function selectRuns(specs: readonly RunSpec[], only?: readonly string[]): readonly RunSpec[] {
  const names = specs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new Failure(`Two runs are called "${twice}"; their results would share a folder. Rename one.`);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Failure(`There is no run "${unknown}" in these specs; there are ${names.join(", ")}.`);
  return only ? specs.filter(({ name }) => only.includes(name)) : specs;
}
