import { statSync } from "node:fs";
import { resolve } from "node:path";
import { editorSchema } from "@everlearn/host";
import { err } from "../color.js";
import { Failure } from "../failure.js";
import { packageRoot } from "../package-root.js";

/** `everlearn schema [folder]`: the JSON Schema of the specs in a folder, with the options of every plugin that they find. */
export async function printSchema(folder = "."): Promise<void> {
  const place = resolve(folder);
  if (!statSync(place, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`"${folder}" is no folder; name the one that the specs are in.`);
  const { schema, problems } = await editorSchema([place, process.cwd(), packageRoot]);
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  for (const problem of problems) process.stderr.write(`${err.red("everlearn:")} ${problem}\n`);
}
