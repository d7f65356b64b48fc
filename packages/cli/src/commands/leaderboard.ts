import { relative, resolve } from "node:path";
import { createSite, csv, latex, markdown, type SuiteDefinition } from "@everlearn/leaderboard";
import { type FoundReceipt, type Receipt, sourceOf } from "@everlearn/records";
import { Failure } from "../failure.js";
import { eachReceipt } from "../receipts.js";
import { companionsIn } from "../companions.js";
import { reported } from "../reports.js";
import { readSuites } from "../suites.js";
import { displayPath } from "../display-path.js";
import { writeSite } from "../site/files.js";
import { write } from "../site/write.js";

export interface LeaderboardArguments {
  readonly out: string;
  readonly title?: string;
  /** The organiser's files of suites. */
  readonly suite?: readonly string[];
  readonly data?: string;
  /** Reports of verifications and audits. */
  readonly report?: readonly string[];
  /** The public keys whose reports count. */
  readonly trust?: readonly string[];
}

/** `everlearn leaderboard`: makes a site and tables from receipts, without loading any code that they name. */
export async function makeLeaderboard(paths: readonly string[], options: LeaderboardArguments): Promise<void> {
  const { out, title, suite = [], data } = options;
  const suites: SuiteDefinition[] = [];
  const named = new Set<string>();
  const { rerun, audited } = reported(options.report ?? [], options.trust ?? []);
  const companions = companionsIn(paths);
  const places = new WeakMap<Receipt, string>();
  const links = new WeakMap<Receipt, string>();
  const site = createSite({
    ...(title === undefined ? {} : { title }),
    suites,
    rerun,
    audited,
    source: (receipt) => places.get(receipt) ?? "",
    tuned: (seal) => companions.tuned.get(seal),
    checks: (specId) => companions.checks.get(specId) ?? [],
    receipt: (receipt) => links.get(receipt),
  });
  const take = ({ receipt, where }: FoundReceipt) => {
    const file = where.replace(/(\.jsonl):\d+$/, "$1");
    places.set(receipt, sourceOf({ where }));
    links.set(receipt, relative(resolve(out), resolve(file)).replaceAll("\\", "/"));
    named.add(receipt.spec.protocol?.suite ?? "");
    site.add(receipt);
  };
  const { read, rejected } = await eachReceipt(paths, take, { strangers: true });
  suites.push(...(await readSuites(suite, { named, folder: data === undefined ? undefined : resolve(data) })));
  await writeSite(site, out);
  const standings = site.suites();
  write(out, { path: "tables.md", content: markdown(standings) });
  write(out, { path: "tables.csv", content: csv(standings) });
  write(out, { path: "tables.tex", content: latex(standings) });
  process.stdout.write(
    `${read} receipts: open ${displayPath(resolve(out, "index.html"))}; the tables are beside it.\n`,
  );
  if (rejected > 0) throw new Failure(`${rejected} receipts were rejected and left out.`);
}
