// The README's picture of its own two commands for MLflow. The first, `mlflow server …`, is yours to give; then
//
//   MLFLOW_TRACKING_URI=http://127.0.0.1:5000 node docs/mlflow.mjs
//
// gives the second and shows the server's page of what came, in Chromium: that of CHROMIUM_PATH, or an
// installed one. The server wants an experiment "everlearn" with nothing else in it; the buttons are those of MLflow 3.17.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@everlearn/mlflow-client";
import { chromium } from "playwright-core";

const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const uri = process.env.MLFLOW_TRACKING_URI;
if (!uri) throw new Error("MLFLOW_TRACKING_URI names no server: see this file's head.");

const out = mkdtempSync(join(tmpdir(), "everlearn-picture-"));
try {
  const command = ["packages/cli/bin/everlearn.js", "run", "benchmarks/suites/quick.json", "--tracker", "mlflow"];
  const { status } = spawnSync(process.execPath, [...command, "--out", out], { cwd: inRoot("."), stdio: "inherit" });
  if (status !== 0) throw new Error("The runs did not arrive.");
} finally {
  rmSync(out, { recursive: true, force: true });
}

const { experimentId } = await createClient().getOrCreateExperiment("everlearn");
const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 700 }, colorScheme: "light" });
  await tab.goto(`${uri}/#/experiments/${experimentId}/runs?compareRunsMode=CHART`);
  await tab.getByText("matching runs").waitFor();
  const button = (name) => tab.locator(`button[data-component-id*="${name}"]`).first();
  for (const name of ["assistant.chat_panel.close", "header.toggle_sidebar"]) await button(name).click();
  await button("runnamecellrenderer").click(); // the suite's cells
  await tab.getByPlaceholder("Search metric charts").fill("seen");
  await tab.waitForTimeout(5000); // charts come one by one
  await tab.screenshot({ path: inRoot("docs/mlflow.png") });
} finally {
  await browser.close();
}
