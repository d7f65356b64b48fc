import { describe, expect, it, vi } from "vitest";
import { type ClientOptions, createClient, type EnvironmentVariables } from "../src/index.js";
import { loopback, reply } from "./loopback.js";

const run = { run: { info: { run_id: "r" } } };

/** What a client with these options sends. */
async function sent(options: (url: string) => ClientOptions) {
  const { url, arrived } = await loopback((_, response) => reply(response, 200, run));
  await createClient({ environment: {}, ...options(url) }).runs.get("r");
  return { ...arrived[0], server: url };
}
const basic = (text: string): string => `Basic ${Buffer.from(text, "utf8").toString("base64")}`;

describe("credentials", () => {
  const everything = (url: string): EnvironmentVariables => ({
    MLFLOW_TRACKING_URI: url,
    MLFLOW_TRACKING_USERNAME: "name",
    MLFLOW_TRACKING_PASSWORD: "word",
    MLFLOW_TRACKING_TOKEN: "token",
  });

  it("are none by default", async () => {
    expect((await sent((trackingUri) => ({ trackingUri }))).headers).not.toHaveProperty("authorization");
  });

  it("are the environment's: user and password before token", async () => {
    const { headers } = await sent((url) => ({ environment: everything(url) }));
    expect(headers.authorization).toBe(basic("name:word"));
  });

  it.each(["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"])("are the token without %s", async (name) => {
    const { headers } = await sent((url) => ({ environment: { ...everything(url), [name]: undefined } }));
    expect(headers.authorization).toBe("Bearer token");
    const empty = await sent((url) => ({ environment: { ...everything(url), [name]: "" } }));
    expect(empty.headers.authorization).toBe("Bearer token");
  });

  it("in the URI go before the environment's, and out of the URI", async () => {
    const { headers, url } = await sent((server) => ({
      trackingUri: server.replace("//", "//us%C3%A9r:p%40ss%2F%E2%82%AC@"),
      environment: everything(server),
    }));
    expect(headers.authorization).toBe(basic("usér:p@ss/€"));
    expect(url).toBe("/api/2.0/mlflow/runs/get?run_id=r");
    expect(createClient({ environment: {}, trackingUri: "https://a:b@host:81/x/" }).trackingUri).toBe(
      "https://host:81/x",
    );
  });

  it("as an option go before both", async () => {
    const auth = (option: ClientOptions["auth"]) =>
      sent((server) => ({
        trackingUri: server.replace("//", "//u:p@"),
        environment: everything(server),
        auth: option,
      }));
    expect((await auth({ token: "mine" })).headers.authorization).toBe("Bearer mine");
    expect((await auth({ username: "me", password: "" })).headers.authorization).toBe(basic("me:"));
    expect((await auth("none")).headers).not.toHaveProperty("authorization");
  });

  it("are sent with other headers", async () => {
    const { headers } = await sent((trackingUri) => ({
      trackingUri,
      headers: { "X-MLFLOW-WORKSPACE": "team" },
      auth: { token: "t" },
    }));
    expect(headers).toMatchObject({ "x-mlflow-workspace": "team", authorization: "Bearer t" });
  });
});

describe("the tracking URI", () => {
  it("may have a path, with or without a slash at its end", async () => {
    for (const path of ["/ml flow", "/ml%20flow/", "/ml%20flow//"]) {
      const { url } = await sent((server) => ({ trackingUri: `${server}${path}` }));
      expect(url).toBe("/ml%20flow/api/2.0/mlflow/runs/get?run_id=r");
    }
  });

  it.each<[string | undefined, string]>([
    [undefined, "MLFLOW_TRACKING_URI"],
    ["localhost", "no URL"],
    ["localhost:5000", "mlflow server"],
    ["databricks://profile", "mlflow server"],
    ["sqlite:///mlflow.db", "mlflow server"],
    ["http://host/?x=1", "query"],
    ["http://host/#x", "fragment"],
    ["http://u%ff:p@host/", "percent-encoded"],
  ])("cannot be %s", (trackingUri, says) => {
    expect(() => createClient({ environment: {}, trackingUri })).toThrow(says);
  });

  it("is read from the process where nothing else is said", () => {
    vi.stubEnv("MLFLOW_TRACKING_URI", "http://from.the.process:1234");
    try {
      expect(createClient().trackingUri).toBe("http://from.the.process:1234");
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("is all that a platform without a process needs", async () => {
    const { url } = await loopback((_, response) => reply(response, 200, run));
    vi.stubGlobal("process", undefined);
    try {
      const client = createClient({ trackingUri: url });
      await expect(client.runs.get("r")).resolves.toMatchObject({ info: { runId: "r" } });
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("numbers", () => {
  const trackingUri = "http://127.0.0.1:9";

  it.each<[string, EnvironmentVariables]>([
    ["MLFLOW_HTTP_REQUEST_TIMEOUT", { MLFLOW_HTTP_REQUEST_TIMEOUT: "soon" }],
    ["timeout", { MLFLOW_HTTP_REQUEST_TIMEOUT: "0" }],
    ["MLFLOW_HTTP_REQUEST_MAX_RETRIES", { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "-1" }],
    ["retries", { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1.5" }],
    ["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "2 s" }],
  ])("of the environment are checked: %s", (name, environment) => {
    expect(() => createClient({ trackingUri, environment })).toThrow(name);
  });

  it.each<[string, ClientOptions]>([
    ["timeout", { timeout: 0 }],
    ["timeout", { timeout: Number.NaN }],
    ["retries", { retries: -1 }],
    ["retries", { retries: Number.POSITIVE_INFINITY }],
    ["backoff", { backoff: -1 }],
  ])("of the options are checked: %s", (name, options) => {
    expect(() => createClient({ trackingUri, environment: {}, ...options })).toThrow(name);
  });

  it("of the environment count: seconds without an answer, and how often", async () => {
    const { url, arrived } = await loopback(() => undefined);
    const environment = {
      MLFLOW_TRACKING_URI: url,
      MLFLOW_HTTP_REQUEST_TIMEOUT: "0.05",
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2",
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0",
    };
    await expect(createClient({ environment }).runs.get("r")).rejects.toMatchObject({ code: "TIMEOUT", attempts: 3 });
    expect(arrived.length).toBeGreaterThan(0);
  });
});

describe("an experiment and a run of one's own", () => {
  const trackingUri = "http://127.0.0.1:9";

  it("are the environment's or the options'", () => {
    const environment = { MLFLOW_RUN_ID: "there" };
    expect(createClient({ trackingUri, environment }).runId).toBe("there");
    expect(createClient({ trackingUri, environment, runId: "here" }).runId).toBe("here");
    expect(createClient({ trackingUri, environment: {} }).runId).toBeUndefined();
  });

  it.each<[string, ClientOptions, string[]]>([
    ["0", {}, ["runs/create 0", "runs/create 0"]],
    [
      "by id",
      { environment: { MLFLOW_EXPERIMENT_ID: "7", MLFLOW_EXPERIMENT_NAME: "x" } },
      ["runs/create 7", "runs/create 7"],
    ],
    [
      "by name, looked up once",
      { environment: { MLFLOW_EXPERIMENT_NAME: "mine" } },
      ["experiments/get-by-name", "runs/create 5", "runs/create 5"],
    ],
    [
      "the option's",
      { environment: { MLFLOW_EXPERIMENT_ID: "7" }, experimentId: "8" },
      ["runs/create 8", "runs/create 8"],
    ],
  ])("a new run's is %s", async (_, options, expected) => {
    const { url, arrived } = await loopback(({ url }, response) =>
      reply(response, 200, url.includes("experiments") ? { experiment: { experiment_id: "5" } } : run),
    );
    const client = createClient({ environment: {}, ...options, trackingUri: url });
    await client.runs.create();
    await client.runs.create({ runName: "second" });
    const seen = arrived.map(({ url, body }) => {
      const [path] = url.replace("/api/2.0/mlflow/", "").split("?");
      const { experiment_id: id = "" } = JSON.parse(body || "{}") as { experiment_id?: string };
      return `${path} ${id}`.trim();
    });
    expect(seen).toEqual(expected);
  });
});
