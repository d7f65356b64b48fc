import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request, as a fault looks at it. */
export interface Asked {
  readonly method: string;
  /** Below `/api/2.0/`, such as `mlflow/runs/log-batch`. */
  readonly call: string;
  /** How many requests came before this one. */
  readonly before: number;
}

/** What the server does with a request instead of answering it. */
export type Fault =
  /** Answers so and does nothing. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly message?: string }
  /** Closes the connection before it does anything, after it did it, or after it did half of it. */
  | { readonly reset: "before" | "after" | "half" };

export interface FakeOptions {
  /** Asked of every request; undefined: it is answered as it should be. */
  readonly fault?: ((asked: Asked) => Fault | undefined) | undefined;
  /** Milliseconds after which a request is looked at. */
  readonly latency?: (() => number) | undefined;
  readonly port?: number;
}

export interface Point {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface FakeRun {
  readonly info: Record<string, unknown> & { run_id: string; experiment_id: string; lifecycle_stage: string };
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  /** Every point that was ever logged, equal ones too: MLflow's databases keep those once, this server counts them. */
  readonly points: Point[];
  readonly inputs: unknown[];
  readonly files: Map<string, Buffer>;
}

/** A server that keeps what MLflow keeps, and can be told to fail. It refuses what the tracker never asks. */
export interface FakeMlflow {
  readonly uri: string;
  readonly experiments: ReadonlyMap<string, { readonly name: string; readonly id: string }>;
  readonly runs: ReadonlyMap<string, FakeRun>;
  /** Every request, in its order. */
  readonly asked: readonly Asked[];
  /** Headers and bodies, to look for secrets in. */
  readonly heard: readonly string[];
  change(options: Omit<FakeOptions, "port">): void;
  /** Closes every connection and listens no more. What it keeps, it keeps. */
  stop(): Promise<void>;
  /** Listens again at the same address. */
  start(): Promise<void>;
}

/** Starts one on loopback; port 0, the default, is any that is free. */
export async function startFake(options: FakeOptions = {}): Promise<FakeMlflow> {
  let { fault, latency } = options;
  const experiments = new Map<string, { name: string; id: string }>();
  const runs = new Map<string, FakeRun>();
  const asked: Asked[] = [];
  const heard: string[] = [];
  let port = options.port ?? 0;
  let server: Server;

  class Refusal extends Error {
    readonly code: string;
    readonly status: number;
    constructor(code: string, status = 404) {
      super(code);
      [this.code, this.status] = [code, status];
    }
  }
  const missing = () => new Refusal("RESOURCE_DOES_NOT_EXIST");
  const runOf = (id: unknown): FakeRun => {
    const run = runs.get(String(id));
    if (!run) throw missing();
    return run;
  };
  const pairs = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }));
  const shown = (run: FakeRun) => ({
    info: run.info,
    data: { tags: pairs(run.tags), params: pairs(run.params) },
    inputs: { dataset_inputs: run.inputs },
  });
  const experiment = ({ name, id }: { name: string; id: string }) => ({
    experiment: { experiment_id: id, name, lifecycle_stage: "active", artifact_location: `mlflow-artifacts:/${id}` },
  });
  let ids = 0;

  /** Does what a call asks, all of it or the first half of its metrics. */
  function act(method: string, call: string, query: URLSearchParams, body: Buffer, half: boolean): object | Buffer {
    const stored = /^mlflow-artifacts\/artifacts\/\d+\/(\w+)\/artifacts\/(.+)$/.exec(call);
    if (stored) {
      const { files } = runOf(stored[1]);
      const path = decodeURIComponent(stored[2]);
      if (method === "PUT") {
        files.set(path, body);
        return {};
      }
      return files.get(path) ?? {};
    }
    const json = (body.length > 0 ? JSON.parse(body.toString("utf8")) : {}) as Record<string, unknown>;
    if (call === "mlflow/experiments/get-by-name") {
      const found = experiments.get(String(query.get("experiment_name")));
      if (!found) throw missing();
      return experiment(found);
    }
    if (call === "mlflow/experiments/get") {
      const found = [...experiments.values()].find(({ id }) => id === query.get("experiment_id"));
      if (!found) throw missing();
      return experiment(found);
    }
    if (call === "mlflow/experiments/create") {
      const name = String(json.name);
      if (experiments.has(name)) throw new Refusal("RESOURCE_ALREADY_EXISTS", 400);
      experiments.set(name, { name, id: String(experiments.size + 1) });
      return { experiment_id: String(experiments.size) };
    }
    if (call === "mlflow/runs/create") {
      const id = String(++ids).padStart(32, "0");
      const info = {
        ...{ run_id: id, run_name: json.run_name, experiment_id: String(json.experiment_id), status: "RUNNING" },
        ...{ start_time: json.start_time, lifecycle_stage: "active" },
        artifact_uri: `mlflow-artifacts:/${String(json.experiment_id)}/${id}/artifacts`,
      };
      const tags = new Map((json.tags as Pair[]).map(({ key, value }) => [key, value]));
      runs.set(id, { info, tags, params: new Map(), points: [], inputs: [], files: new Map() });
      return { run: shown(runOf(id)) };
    }
    if (call === "mlflow/runs/get") return { run: shown(runOf(query.get("run_id"))) };
    if (call === "mlflow/runs/search") {
      const [, key, value] = /^tags\.`(.+)` = '(.*)'$/.exec(String(json.filter)) ?? [];
      if (key === undefined) throw new Refusal("INVALID_PARAMETER_VALUE", 400);
      const own = [...runs.values()].filter(
        ({ info, tags }) =>
          (json.experiment_ids as string[]).includes(info.experiment_id) &&
          info.lifecycle_stage === "active" &&
          tags.get(key) === value,
      );
      return { runs: own.map(shown) };
    }
    if (call === "mlflow/metrics/get-history") {
      const key = query.get("metric_key");
      const all = runOf(query.get("run_id")).points.filter((point) => point.key === key);
      const from = Number(query.get("page_token") ?? 0);
      const to = from + Number(query.get("max_results"));
      return { metrics: all.slice(from, to), ...(to < all.length && { next_page_token: String(to) }) };
    }
    const run = runOf(json.run_id);
    if (call === "mlflow/runs/log-batch") {
      const { metrics = [], params = [], tags = [] } = json as { metrics?: Point[]; params?: Pair[]; tags?: Pair[] };
      run.points.push(...(half ? metrics.slice(0, metrics.length / 2) : metrics));
      if (half) return {};
      for (const { key, value } of params) {
        if ((run.params.get(key) ?? value) !== value) throw new Refusal("INVALID_PARAMETER_VALUE", 400);
        run.params.set(key, value);
      }
      for (const { key, value } of tags) run.tags.set(key, value);
      return {};
    }
    if (call === "mlflow/runs/set-tag") {
      run.tags.set(String(json.key), String(json.value));
      return {};
    }
    if (call === "mlflow/runs/log-inputs") {
      run.inputs.splice(0, Infinity, ...(json.datasets as unknown[]));
      return {};
    }
    if (call === "mlflow/runs/update") {
      for (const field of ["status", "end_time", "run_name"])
        if (json[field] !== undefined) run.info[field] = json[field];
      return { run_info: run.info };
    }
    if (call === "mlflow/runs/delete") {
      run.info.lifecycle_stage = "deleted";
      return {};
    }
    throw new Refusal("ENDPOINT_NOT_FOUND");
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? "", "http://loopback");
    const one = { method: request.method ?? "", call: pathname.replace("/api/2.0/", ""), before: asked.length };
    asked.push(one);
    heard.push(`${JSON.stringify(request.headers)}\n${request.url}\n${body.length < 1e6 ? body.toString("utf8") : ""}`);
    const delay = latency?.() ?? 0;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const wrong = fault?.(one);
    if (wrong && "reset" in wrong && wrong.reset === "before") return void request.socket.destroy();
    if (wrong && "status" in wrong) {
      response.writeHead(wrong.status, wrong.headers);
      response.end(JSON.stringify({ error_code: "", message: wrong.message ?? "" }));
      return;
    }
    try {
      const said = act(one.method, one.call, searchParams, body, wrong?.reset === "half");
      if (wrong) return void request.socket.destroy();
      response.end(Buffer.isBuffer(said) ? said : JSON.stringify(said));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.writeHead(error.status);
      response.end(JSON.stringify({ error_code: error.code, message: `${one.call} is refused` }));
    }
  }

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((request, response) => {
        answer(request, response).catch(() => request.socket.destroy()); // whoever asked has gone
      });
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  await start();
  return {
    uri: `http://127.0.0.1:${port}`,
    ...{ experiments, runs, asked, heard, start, stop },
    change(options) {
      ({ fault, latency } = options);
    },
  };
}
