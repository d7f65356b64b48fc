import { relative, resolve } from "node:path";
import { readReceipts } from "@everlearn/bench";
import { createSite, csv, latex, markdown, type Receipt } from "@everlearn/leaderboard";
import { err } from "../color.js";
import { Failure } from "../failure.js";
import { displayPath } from "../display-path.js";
import { writeSite } from "../site/files.js";
import { write } from "../site/write.js";

export interface LeaderboardArguments {
  readonly out: string;
  readonly title?: string;
}

/** `everlearn leaderboard`: a site and tables of receipts. No plugin's code is loaded. */
export async function makeLeaderboard(paths: readonly string[], { out, title }: LeaderboardArguments): Promise<void> {
  const places = new WeakMap<Receipt, string>();
  const site = createSite({
    ...(title === undefined ? {} : { title }),
    receipt: (receipt) => places.get(receipt),
  });
  let count = 0;
  let refused = 0;
  for await (const found of readReceipts(paths))
    if ("problem" in found) {
      refused++;
      process.stderr.write(`${err.red("everlearn:")} ${found.problem}\n`);
    } else {
      const file = found.where.replace(/(\.jsonl):\d+$/, "$1");
      places.set(found.receipt, relative(resolve(out), resolve(file)).replaceAll("\\", "/"));
      site.add(found.receipt);
      count++;
    }
  if (count === 0) throw new Failure(`There is no receipt in ${paths.join(", ")}.`);
  await writeSite(site, out);
  const suites = site.suites();
  write(out, { path: "tables.md", content: markdown(suites) });
  write(out, { path: "tables.csv", content: csv(suites) });
  write(out, { path: "tables.tex", content: latex(suites) });
  process.stdout.write(
    `${count} receipts: open ${displayPath(resolve(out, "index.html"))}; the tables are beside it.\n`,
  );
  if (refused > 0) throw new Failure(`${refused} receipts could not be believed, and were left out.`);
}
