// The README's picture of the project's own leaderboard: npm run picture. A setting's page, two of its learners compared, as
// Chromium shows it: that of CHROMIUM_PATH, or an installed one.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const page = inRoot("leaderboard/settings/mer-2019-rotations-memory-200.html");
if (!existsSync(page)) throw new Error(`${page} is not there: "npm run leaderboard" makes it.`);

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const tab = await browser.newPage({ viewport: { width: 1080, height: 1220 }, colorScheme: "light" });
  await tab.goto(`file://${page}`);
  const [, second] = await tab.locator("#compare select").all();
  await second.selectOption("ER");
  await tab.screenshot({ path: inRoot("docs/leaderboard.png") });
} finally {
  await browser.close();
}
