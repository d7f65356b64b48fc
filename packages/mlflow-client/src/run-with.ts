import { invalid } from "./error.js";
import type { Tag } from "./experiments.js";
import type { Run } from "./run.js";

/**
 * The earliest run that has a tag, among those that a search finds. Some of MLflow's databases do not tell capitals
 * from small letters, so the tag is compared here as well.
 * @throws MlflowError where MLflow's filters cannot say the tag.
 */
export async function runWith(
  tag: Tag,
  search: (filter: { filter: string; orderBy: readonly string[] }) => AsyncIterable<Run>,
): Promise<Run | undefined> {
  const { key, value } = tag;
  if (key === "" || key.includes("`"))
    throw invalid(`No search finds the tag ${JSON.stringify(key)}; name it otherwise.`);
  const quote = value.includes("'") ? '"' : "'";
  if (value.includes(quote))
    throw invalid(
      `No search finds a value of the tag ${JSON.stringify(key)} that has both ' and " in it; use another.`,
    );
  const filter = `tags.\`${key}\` = ${quote}${value}${quote}`;
  for await (const run of search({ filter, orderBy: ["attributes.start_time ASC"] }))
    if (run.data.tags.some((one) => one.key === key && one.value === value)) return run;
  return undefined;
}
