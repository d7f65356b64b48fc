import { type AddressInfo, createServer } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Client, type ClientOptions, createClient, MlflowError } from "../src/index.js";
import { retryAfter } from "../src/retry-after.js";
import { type Answer, loopback, refuse, reply } from "./loopback.js";

const run = { run: { info: { run_id: "r" } } };
const quick = { environment: {}, backoff: 1, retries: 3 };

async function against(answer: Answer, options: ClientOptions = {}) {
  const { url, arrived } = await loopback(answer);
  return { client: createClient({ ...quick, trackingUri: url, ...options }), arrived };
}

const failure = async (promise: Promise<unknown>): Promise<MlflowError> => {
  const error: unknown = await promise.then(
    () => "no error",
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(MlflowError);
  return error as MlflowError;
};

/** A call that may be sent twice, and one that may not. */
const repeatable = (client: Client) => client.runs.get("r");
const single = (client: Client) => client.runs.create({ experimentId: "0" });

describe("a failed request", () => {
  it.each([408, 429, 500, 502, 503, 504])("with status %i is sent again", async (status) => {
    const { client, arrived } = await against((_, response, number) =>
      number < 2 ? reply(response, status) : reply(response, 200, run),
    );
    await expect(repeatable(client)).resolves.toMatchObject({ info: { runId: "r" } });
    expect(arrived).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 409, 501])("with status %i is not", async (status) => {
    const { client, arrived } = await against((_, response) => reply(response, status));
    expect(await failure(repeatable(client))).toMatchObject({
      status,
      attempts: 1,
      transient: false,
      ambiguous: false,
    });
    expect(arrived).toHaveLength(1);
  });

  it("is sent again where MLflow had no connection to its database to spare, which it calls a bad request", async () => {
    const message = "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background …)";
    const { client, arrived } = await against((_, response, number) =>
      number < 2 ? refuse(response, 400, "BAD_REQUEST", message) : reply(response, 200, run),
    );
    await expect(repeatable(client)).resolves.toMatchObject({ info: { runId: "r" } });
    expect(arrived).toHaveLength(3);
    const other = await against((_, response) => refuse(response, 400, "BAD_REQUEST", message));
    expect(await failure(single(other.client))).toMatchObject({ attempts: 1, transient: true, ambiguous: true });
  });

  it.each([
    "(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.experiment_id, datasets.name, datasets.digest",
    '(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "dataset_pk"',
    "(pymysql.err.IntegrityError) (1062, \"Duplicate entry '0-mnist-d' for key 'datasets.PRIMARY'\")",
  ])("is sent again where another one inserted the same row at the same moment: %s", async (message) => {
    const { client, arrived } = await against((_, response, number) =>
      number < 1 ? refuse(response, 400, "BAD_REQUEST", message) : reply(response, 200, run),
    );
    await expect(single(client)).resolves.toMatchObject({ info: { runId: "r" } }); // nothing of the first was kept
    expect(arrived).toHaveLength(2);
  });

  it("is not sent again where a row breaks another rule of the database", async () => {
    const message = "(sqlite3.IntegrityError) FOREIGN KEY constraint failed";
    const { client } = await against((_, response) => refuse(response, 400, "BAD_REQUEST", message));
    expect(await failure(repeatable(client))).toMatchObject({ attempts: 1, transient: false });
  });

  it("says at last how often it was sent", async () => {
    const { client, arrived } = await against((_, response) =>
      refuse(response, 503, "TEMPORARILY_UNAVAILABLE", "Full."),
    );
    const error = await failure(repeatable(client));
    expect(error).toMatchObject({ attempts: 4, status: 503, code: "TEMPORARILY_UNAVAILABLE" });
    expect(error).toMatchObject({ method: "GET", path: "/api/2.0/mlflow/runs/get" });
    expect(error.message).toBe(
      "MLflow answered GET /api/2.0/mlflow/runs/get with TEMPORARILY_UNAVAILABLE (503): Full. It was tried 4 times.",
    );
    expect(arrived).toHaveLength(4);
  });

  it("is sent as often as the call says, where it says so", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 500));
    await failure(client.runs.get("r", { retries: 0 }));
    expect(arrived).toHaveLength(1);
  });

  it("after a broken connection is sent again", async () => {
    const { client, arrived } = await against((_, response, number) => {
      if (number < 2) response.destroy();
      else reply(response, 200, run);
    });
    await expect(repeatable(client)).resolves.toMatchObject({ info: { runId: "r" } });
    expect(arrived).toHaveLength(3);
  });

  it("after a connection that broke within the answer is sent again", async () => {
    const { client, arrived } = await against((_, response, number) => {
      if (number > 0) return reply(response, 200, run);
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"run":', () => response.destroy());
    });
    await expect(repeatable(client)).resolves.toMatchObject({ info: { runId: "r" } });
    expect(arrived).toHaveLength(2);
  });

  it("of several calls fails and succeeds on its own", async () => {
    const failed = new Set<string>();
    const { client } = await against(({ url }, response) => {
      const seen = failed.has(url);
      failed.add(url);
      if (seen)
        reply(response, 200, { run: { info: { run_id: new URL(url, "http://x").searchParams.get("run_id") } } });
      else reply(response, 503);
    });
    const ids = Array.from({ length: 30 }, (_, i) => `r${i}`);
    const found = await Promise.all(ids.map((id) => client.runs.get(id)));
    expect(found.map(({ info }) => info.runId)).toEqual(ids);
  });
});

describe("a request that may not be sent twice", () => {
  it.each([429, 503])("is sent again after %i, which says that nothing was done", async (status) => {
    const { client, arrived } = await against((_, response, number) =>
      number === 0 ? reply(response, status) : reply(response, 200, run),
    );
    await single(client);
    expect(arrived).toHaveLength(2);
  });

  it.each([408, 500, 502, 504])("is not after %i", async (status) => {
    const { client, arrived } = await against((_, response) => reply(response, status));
    expect(await failure(single(client))).toMatchObject({ attempts: 1, transient: true, ambiguous: true });
    expect(arrived).toHaveLength(1);
  });

  it("is not after a broken connection", async () => {
    const { client, arrived } = await against((_, response) => void response.destroy());
    expect(await failure(single(client))).toMatchObject({ code: "UNREACHABLE", attempts: 1, ambiguous: true });
    expect(arrived).toHaveLength(1);
  });

  it("is where there was no connection", async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => resolve(port));
      });
    });
    const client = createClient({ ...quick, trackingUri: `http://127.0.0.1:${port}` });
    const error = await failure(single(client));
    expect(error).toMatchObject({ code: "UNREACHABLE", attempts: 4, transient: true, ambiguous: false });
    expect(error.message).toContain("ECONNREFUSED");
  });

  it.each<[string, (client: Client) => Promise<unknown>]>([
    ["experiments.create", (client) => client.experiments.create({ name: "e" })],
    ["runs.logOutputs", (client) => client.runs.logOutputs({ runId: "r", models: [] })],
    ["models.create", (client) => client.models.create({ experimentId: "0" })],
    ["models.logParams", (client) => client.models.logParams({ modelId: "m", params: [] })],
    ["registry.createModel", (client) => client.registry.createModel({ name: "m" })],
    ["registry.renameModel", (client) => client.registry.renameModel({ name: "m", newName: "n" })],
    ["registry.createVersion", (client) => client.registry.createVersion({ name: "m", source: "s" })],
  ])("is %s too", async (_, call) => {
    const { client, arrived } = await against((_, response) => reply(response, 500));
    expect(await failure(call(client))).toMatchObject({ ambiguous: true });
    expect(arrived).toHaveLength(1);
  });
});

describe("a connection that the server closed while the program computed", () => {
  /** A server on a thread of its own, which closes each connection a moment after its answer and does not announce it. */
  const impatient = `
    const { parentPort } = require("node:worker_threads");
    const server = require("node:http").createServer((request, response) => {
      request.resume().on("end", () => {
        response.removeHeader("keep-alive");
        response.end('{"run":{"info":{"run_id":"r"}}}', () => setTimeout(() => request.socket.destroy(), 20));
      });
    });
    server.keepAliveTimeout = 0;
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;

  it("gets no request", async () => {
    const server = new Worker(impatient, { eval: true });
    onTestFinished(() => void server.terminate());
    const port = await new Promise<number>((resolve) => server.once("message", resolve));
    const client = createClient({ ...quick, retries: 0, trackingUri: `http://127.0.0.1:${port}` });
    for (let i = 0; i < 5; i++) {
      await repeatable(client);
      for (const end = performance.now() + 100; performance.now() < end; );
      await expect(single(client)).resolves.toMatchObject({ info: { runId: "r" } });
    }
  });
});

describe("Retry-After", () => {
  const waited = async (headers: Record<string, string>) => {
    const { client, arrived } = await against((_, response, number) =>
      number === 0 ? reply(response, 429, {}, headers) : reply(response, 200, run),
    );
    await repeatable(client);
    return arrived[1].at - arrived[0].at;
  };

  it("in seconds is waited for", async () => {
    expect(await waited({ "retry-after": "1" })).toBeGreaterThanOrEqual(990);
  });

  it("as a date is waited for, by the server's clock", async () => {
    const elsewhere = { date: "Sun, 06 Nov 1994 08:49:36 GMT", "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" };
    expect(await waited(elsewhere)).toBeGreaterThanOrEqual(990);
  });

  it("is waited for in full where the wait of one's own is long, too", async () => {
    const { client, arrived } = await against(
      (_, response, number) =>
        number === 0 ? reply(response, 429, {}, { "retry-after": "1" }) : reply(response, 200, run),
      { backoff: 600 },
    );
    await repeatable(client);
    const pause = arrived[1].at - arrived[0].at;
    expect(pause).toBeGreaterThanOrEqual(990);
  });

  it("that asks for more than two minutes is left to the caller", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 429, {}, { "retry-after": "121" }));
    const error = await failure(repeatable(client));
    expect(error).toMatchObject({ attempts: 1, retryAfter: 121, transient: true });
    expect(error.message).toContain("It asks to wait for 121 s.");
    expect(arrived).toHaveLength(1);
  });

  const now = Date.UTC(2026, 0, 1);
  it.each<[string, number | undefined]>([
    ["0", 0],
    [" 7 ", 7],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["soon", undefined],
    ["5 March 2026", undefined],
    ["nonsense GMT", undefined],
    ["", undefined],
  ])("%j is %s seconds", (value, seconds) => {
    expect(retryAfter(new Headers({ "retry-after": value }), () => now)).toBe(seconds);
  });

  it("absent is none", () => {
    expect(retryAfter(new Headers())).toBeUndefined();
  });
});

describe("the time limit", () => {
  it("ends an attempt without an answer, and the next one may succeed", async () => {
    const { client, arrived } = await against(
      (_, response, number) => {
        if (number > 0) reply(response, 200, run);
      },
      { timeout: 100 },
    );
    await expect(repeatable(client)).resolves.toMatchObject({ info: { runId: "r" } });
    expect(arrived.length).toBeGreaterThan(1);
  });

  it("ends an answer that stops within", async () => {
    const { client } = await against((_, response) => void response.write("{"), { retries: 0 });
    const error = await failure(client.runs.get("r", { timeout: 100 }));
    expect(error).toMatchObject({ code: "TIMEOUT", transient: true, ambiguous: true, attempts: 1 });
    expect(error.message).toContain("sent nothing for 0.1 s on GET /api/2.0/mlflow/runs/get");
  });

  it("does not end an answer that goes on, however long", async () => {
    const text = JSON.stringify(run).padEnd(60);
    const { client } = await against(
      (_, response) => {
        const next = (i: number) => {
          response.write(text[i]);
          if (i + 1 < text.length) setTimeout(next, 20, i + 1);
          else response.end();
        };
        next(0);
      },
      { timeout: 1000, retries: 0 },
    );
    await expect(repeatable(client)).resolves.toMatchObject({ info: { runId: "r" } }); // takes 1.2 s or more
  });

  it.each([0, -1, Number.NaN])("of %d is none", async (timeout) => {
    const { client, arrived } = await against((_, response) => reply(response, 200, run));
    expect(await failure(client.runs.get("r", { timeout }))).toMatchObject({
      code: "INVALID_PARAMETER_VALUE",
      attempts: 0,
    });
    expect(arrived).toHaveLength(0);
  });
});

describe("a signal", () => {
  const reason = new Error("enough");

  it("that was given before sends nothing", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 200, run));
    await expect(client.runs.get("r", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(arrived).toHaveLength(0);
  });

  it.each<[string, Answer]>([
    ["a request", () => undefined],
    ["an answer", (_, response) => void response.write("{")],
    ["a wait", (_, response) => reply(response, 503)],
    ["a wait that the server asked for", (_, response) => reply(response, 503, {}, { "retry-after": "100" })],
  ])("ends %s", async (_, answer) => {
    const ended = new AbortController();
    const { client, arrived } = await against(
      (request, response, number) => {
        answer(request, response, number);
        setTimeout(() => ended.abort(reason), 50);
      },
      { backoff: 100_000 },
    );
    await expect(client.runs.get("r", { signal: ended.signal })).rejects.toBe(reason);
    expect(arrived).toHaveLength(1);
  });

  it("may have any reason", async () => {
    const ended = new AbortController();
    const { client } = await against(() => ended.abort("a word"));
    await expect(client.runs.get("r", { signal: ended.signal })).rejects.toBe("a word");
  });

  it("is let go of when the call is over", async () => {
    const { client } = await against((_, response, number) => reply(response, number === 0 ? 503 : 200, run));
    const { signal } = new AbortController();
    const listeners: unknown[] = [];
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...rest: Parameters<typeof addEventListener>) => {
      listeners.push(rest[1]);
      addEventListener.apply(signal, rest);
    };
    const left = new Set<unknown>();
    signal.removeEventListener = (...rest: Parameters<typeof removeEventListener>) => {
      left.add(rest[1]);
      removeEventListener.apply(signal, rest);
    };
    await client.runs.get("r", { signal });
    expect(listeners.length).toBeGreaterThan(1);
    expect(listeners.filter((one) => !left.has(one))).toEqual([]);
  });
});
