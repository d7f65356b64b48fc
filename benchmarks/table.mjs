// From receipts to the tables of RESULTS.md: node benchmarks/table.mjs
//
// Summarises the receipts in results/<suite>/ over seeds, puts the numbers of references/<suite>.json beside them where
// there are some, and writes each suite's table between its markers. A test asserts that the committed tables are these.
import { readFileSync, writeFileSync } from "node:fs";
import { here, withTables } from "./results.mjs";

const file = here("RESULTS.md");
writeFileSync(file, await withTables(readFileSync(file, "utf8")));
