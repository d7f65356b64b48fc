import { relative, resolve } from "node:path";
import { createSite, csv, latex, markdown } from "@everlearn/leaderboard";
import type { Receipt } from "@everlearn/records";
import { Failure } from "../failure.js";
import { eachReceipt } from "../receipts.js";
import { displayPath } from "../display-path.js";
import { writeSite } from "../site/files.js";
import { write } from "../site/write.js";

export interface LeaderboardArguments {
  readonly out: string;
  readonly title?: string;
}

/** `everlearn leaderboard`: makes a site and tables from receipts, without loading any plugin's code. */
export async function makeLeaderboard(paths: readonly string[], { out, title }: LeaderboardArguments): Promise<void> {
  const links = new WeakMap<Receipt, string>();
  const site = createSite({
    ...(title === undefined ? {} : { title }),
    receipt: (receipt) => links.get(receipt),
  });
  const { read, rejected } = await eachReceipt(paths, ({ receipt, where }) => {
    const file = where.replace(/(\.jsonl):\d+$/, "$1");
    links.set(receipt, relative(resolve(out), resolve(file)).replaceAll("\\", "/"));
    site.add(receipt);
  });
  await writeSite(site, out);
  const suites = site.suites();
  write(out, { path: "tables.md", content: markdown(suites) });
  write(out, { path: "tables.csv", content: csv(suites) });
  write(out, { path: "tables.tex", content: latex(suites) });
  process.stdout.write(
    `${read} receipts: open ${displayPath(resolve(out, "index.html"))}; the tables are beside it.\n`,
  );
  if (rejected > 0) throw new Failure(`${rejected} receipts were rejected and left out.`);
}
