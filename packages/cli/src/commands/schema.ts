import { statSync } from "node:fs";
import { resolve } from "node:path";
import { editorSchema } from "@everlearn/host";
import { Failure, warn } from "../failure.js";
import { searchPath } from "../search-path.js";

/** `everlearn schema [folder]`: prints a JSON Schema of the specs in a folder, with the options of every plugin they find. */
export async function printSchema(folder = "."): Promise<void> {
  const path = resolve(folder);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`"${folder}" is not a folder; name the folder of the specs.`);
  const { schema, problems } = await editorSchema([path, ...searchPath()]);
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  for (const problem of problems) warn(problem);
}
