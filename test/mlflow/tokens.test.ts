import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { type FakeMlflow, startFake } from "../../plugins/tracker-mlflow/test/fake-mlflow.js";
import { everlearn, withSpec } from "../cli/everlearn.js";

/** A hundred tokens, five for each of twenty runs; some need encoding in an address. */
const planted = Array.from({ length: 20 }, (_, run) =>
  Array.from({ length: 5 }, (__, i) => `tk${run}x${i}-Q7@/${String.fromCharCode(97 + run)}ZpW9vK${run * 5 + i}`),
);
/** As what a token would be known: itself, in an address, in a header, and each half of it. */
const traces = (token: string): string[] => [
  token,
  encodeURIComponent(token),
  Buffer.from(`someone:${token}`).toString("base64"),
  Buffer.from(token).toString("base64").replace(/=+$/, "").slice(0, -2),
  token.slice(0, token.length / 2),
  token.slice(token.length / 2),
];

/** The ways in which a tracker is told who it is. */
const ways: readonly ((token: string, uri: string) => { env?: Record<string, string>; trackingUri?: string })[] = [
  (token, uri) => ({ env: { MLFLOW_TRACKING_URI: addressed(token, uri) } }),
  (token, uri) => ({
    env: { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_USERNAME: "someone", MLFLOW_TRACKING_PASSWORD: token },
  }),
  (token, uri) => ({ env: { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: token } }),
  (token, uri) => ({ trackingUri: addressed(token, uri) }),
];
const addressed = (token: string, uri: string) => uri.replace("//", `//someone:${encodeURIComponent(token)}@`);

/** Says back what it heard, headers included, as some proxies do. */
const echo = (fake: FakeMlflow, status: number, times = Infinity) => {
  let left = times;
  fake.change({ fault: () => (left-- > 0 ? { status, message: `Heard ${fake.heard.at(-1)}` } : undefined) });
};

/** The text of every file below a folder but the spec that was written by hand. */
const written = (cwd: string): string[] =>
  readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && join(entry.parentPath, entry.name) !== join(cwd, "spec.json"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));

// At once, for those whose server never answers wait half a minute.
describe("a hundred planted tokens", () => {
  it.concurrent.for(planted.map((tokens, i) => ({ i, tokens })))(
    "reach no journal, receipt, message or tag (run $i)",
    async ({ i, tokens }, { expect, onTestFinished }) => {
      const fake = await startFake();
      onTestFinished(() => fake.stop());
      const [credential, ...others] = tokens;
      const { env: own = {}, trackingUri } = ways[i % ways.length](credential, fake.uri);
      const names = ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "NPM_TOKEN", "MLFLOW_TRACKING_AWS_SIGV4_KEY"];
      const env = {
        ...own,
        ...Object.fromEntries(names.map((name, n) => [name, others[n]])),
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
        MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.01",
      };
      // A spec's own options of a tracker are not recorded: who syncs later names the spec again.
      const sync = ["sync", ...(trackingUri ? ["--spec", "spec.json"] : [])];
      const cwd = withSpec({ seeds: [0], trackers: [{ use: "mlflow", ...(trackingUri && { trackingUri }) }] });
      const [status, times] = [
        [401, Infinity],
        [500, 1],
        [403, 3],
        [500, Infinity],
        [200, 0],
      ][i % 5];
      echo(fake, status, times);
      const debug = i % 2 ? ["--debug"] : [];
      const said = [await everlearn(["run", "spec.json", ...debug], { cwd, env })];
      expect(said[0].status).toBe(0);
      if (times === Infinity)
        expect(said[0].stderr).toMatch(
          trackingUri ? / with: everlearn sync runs --spec spec\.json\n/ : / with: everlearn sync runs\n/,
        );
      said.push(await everlearn([...sync, ...debug], { cwd, env }));
      fake.change({});
      const last = await everlearn([...sync, ...debug], { cwd, env });
      expect(last).toMatchObject({ status: 0, stdout: "The run has arrived in full.\n" });

      // The server was told by the header, and by it alone.
      const [headers] = fake.heard[0].split("\n");
      const { authorization = "" } = JSON.parse(headers) as { authorization?: string };
      expect([`Bearer ${credential}`, `Basic ${traces(credential)[2]}`]).toContain(authorization);
      const texts = [
        ...[...said, last].flatMap(({ stdout, stderr }) => [stdout, stderr]),
        ...written(cwd),
        ...fake.heard.map((heard) => heard.slice(heard.indexOf("\n"))),
        ...[...fake.runs.values()].map(({ tags, params }) => JSON.stringify([[...tags], [...params]])),
      ];
      expect(written(cwd).length).toBeGreaterThan(3);
      for (const trace of tokens.flatMap(traces)) expect(texts.filter((text) => text.includes(trace))).toEqual([]);
    },
  );
});
