import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Client, type ClientOptions, createClient, MlflowError } from "../src/index.js";
import { camel, decode, encode, snake } from "../src/names.js";
import { type Answer, loopback, refuse, reply } from "./loopback.js";

async function against(answer: Answer, options: ClientOptions = {}) {
  const { url, arrived } = await loopback(answer);
  return { client: createClient({ environment: {}, backoff: 0, retries: 3, trackingUri: url, ...options }), arrived };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const queryOf = (url: string): string => new URL(url, "http://x").searchParams.toString();

describe("names", () => {
  const wire = fc
    .array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 5 })
    .map((words) => words.join("_"));

  it("come back as they were", () => {
    fc.assert(
      fc.property(wire, (name) => {
        expect(snake(camel(name))).toBe(name);
        expect(camel(name)).toMatch(/^[a-zA-Z]+$/);
      }),
    );
    expect(camel("creation_timestamp_ms")).toBe("creationTimestampMs");
    expect(snake("archiveExistingVersions")).toBe("archive_existing_versions");
  });

  it("change everywhere, and values nowhere", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = { outer_name: [{ key: "snake_case", value: "camelCase", some_value: value }] };
        const there = decode(before) as { outerName: { someValue: unknown }[] };
        expect(there.outerName[0]).toMatchObject({ key: "snake_case", value: "camelCase" });
        const plain = JSON.stringify(value);
        if (!/"[^"]*[A-Z_][^"]*":/.test(plain)) expect(JSON.stringify(there.outerName[0].someValue)).toBe(plain);
      }),
    );
  });

  it("that are dangerous stay fields", () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown;
    expect(Object.getPrototypeOf(decode(hostile))).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("of undefined fields are left out", () => {
    expect(encode({ someName: undefined, other: { deepName: undefined, x: null } })).toEqual({ other: { x: null } });
  });
});

describe("a search", () => {
  const pages: Readonly<Record<string, { runs?: object[]; next_page_token?: string }>> = {
    "": { runs: [{ info: { run_id: "a" } }, { info: { run_id: "b" } }], next_page_token: "t/1=" },
    "t/1=": { next_page_token: "t2" }, // an empty page is not the last one
    t2: { runs: [{ info: { run_id: "c" } }], next_page_token: "" },
  };
  const answer: Answer = ({ body }, response) =>
    reply(response, 200, pages[(JSON.parse(body) as { page_token?: string }).page_token ?? ""]);

  it("goes through all pages", async () => {
    const { client, arrived } = await against(answer);
    const found = await all(client.runs.search({ experimentIds: ["1"], filter: "x", maxResults: 2 }));
    expect(found.map(({ info }) => info.runId)).toEqual(["a", "b", "c"]);
    const asked = { experiment_ids: ["1"], filter: "x", max_results: 2 };
    expect(arrived.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      asked,
      { ...asked, page_token: "t/1=" },
      { ...asked, page_token: "t2" },
    ]);
  });

  it("asks for no page before it is needed", async () => {
    const { client, arrived } = await against(answer);
    for await (const { info } of client.runs.search({ experimentIds: ["1"] })) if (info.runId === "b") break;
    expect(arrived).toHaveLength(1);
  });

  it("answers one page, and where the next begins", async () => {
    const { client } = await against(answer);
    const first = await client.runs.searchPage({ experimentIds: [] });
    expect(first).toMatchObject({ items: [{}, {}], nextPageToken: "t/1=" });
    const last = await client.runs.searchPage({ experimentIds: [], pageToken: "t2" });
    expect(last.items).toHaveLength(1);
    expect(last).not.toHaveProperty("nextPageToken");
    expect(await all(client.runs.search({ experimentIds: [], pageToken: "t2" }))).toHaveLength(1);
  });

  it.each<[string, (client: Client) => AsyncIterable<unknown>, object]>([
    ["experiments.search", (client) => client.experiments.search(), { experiments: [{}] }],
    ["runs.search", (client) => client.runs.search({ experimentIds: [] }), { runs: [{}] }],
    ["runs.metricHistory", (client) => client.runs.metricHistory({ runId: "r", metricKey: "k" }), { metrics: [{}] }],
    ["registry.searchModels", (client) => client.registry.searchModels(), { registered_models: [{}] }],
    ["registry.searchVersions", (client) => client.registry.searchVersions(), { model_versions: [{}] }],
    ["models.search", (client) => client.models.search({ experimentIds: [] }), { models: [{ info: {} }] }],
  ])("that would never end does (%s)", async (_, search, page) => {
    const { client, arrived } = await against((_, response, number) =>
      reply(response, 200, { ...page, next_page_token: ["a", "b", "a"][number] }),
    );
    await expect(all(search(client))).rejects.toMatchObject({ code: "INVALID_RESPONSE" });
    expect(arrived).toHaveLength(3);
    expect(arrived.map(({ url, body }) => /page_token=?":?"?[ab]|page_token=[ab]/.test(url + body))).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("an answer", () => {
  it("has its lists, where MLflow leaves them out", async () => {
    const { client } = await against(({ url }, response) => {
      const name = { name: "n" };
      if (url.includes("experiments/get")) return reply(response, 200, { experiment: name });
      if (url.includes("runs/get")) return reply(response, 200, { run: { info: { run_id: "r" } } });
      if (url.includes("registered-models/get")) return reply(response, 200, { registered_model: name });
      if (url.includes("model-versions/get")) return reply(response, 200, { model_version: name });
      reply(response, 200, { model: { info: {} } });
    });
    expect(await client.experiments.get("1")).toEqual({ name: "n", tags: [] });
    expect(await client.runs.get("r")).toEqual({
      info: { runId: "r" },
      data: { metrics: [], params: [], tags: [] },
      inputs: { datasetInputs: [], modelInputs: [] },
      outputs: { modelOutputs: [] },
    });
    expect(await client.registry.getModel("n")).toEqual({ name: "n", tags: [], aliases: [], latestVersions: [] });
    const lists = { tags: [], aliases: [], modelParams: [], modelMetrics: [] };
    expect(await client.registry.getVersion({ name: "n", version: "1" })).toEqual({ name: "n", ...lists });
    expect(await client.models.get("m")).toEqual({
      info: { tags: [], registrations: [] },
      data: { params: [], metrics: [] },
    });
  });

  it("has numbers where JSON has no word for them, and texts that look like them", async () => {
    const metrics = ["NaN", "Infinity", "-Infinity", 1e308, 0].map((value) => ({ key: "k", value }));
    const tags = [{ key: "k", value: "NaN" }];
    const { client } = await against((_, response) =>
      reply(response, 200, { run: { info: {}, data: { metrics, params: tags, tags } } }),
    );
    const { data } = await client.runs.get("r");
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, 0];
    expect(data.metrics.map(({ value }) => value)).toEqual(values);
    expect([data.params, data.tags]).toEqual([tags, tags]);
  });

  it.each(["<html>Sign in</html>", "OK", "{", "undefined"])("that is %j is none of MLflow's", async (body) => {
    const { client, arrived } = await against((_, response) => reply(response, 200, body));
    await expect(client.runs.get("r")).rejects.toMatchObject({
      code: "INVALID_RESPONSE",
      attempts: 1,
      transient: false,
    });
    expect(arrived).toHaveLength(1);
  });

  it("of nothing is enough where nothing is expected", async () => {
    const { client } = await against((_, response) => reply(response, 200, ""));
    await expect(client.runs.setTag({ runId: "r", key: "k", value: "" })).resolves.toBeUndefined();
  });

  it.each<[number, string, string, string]>([
    [400, "", "BAD_REQUEST", "MLflow answered GET /api/2.0/mlflow/runs/get with BAD_REQUEST (400)."],
    [401, "Who?", "UNAUTHENTICATED", "MLFLOW_TRACKING_TOKEN"],
    [403, "{}", "PERMISSION_DENIED", "(403)."],
    [404, "<html>", "ENDPOINT_NOT_FOUND", "Is the tracking URI that of an MLflow server"],
    [413, '{"error_code":"","message":7}', "BAD_REQUEST", "(413)."],
    [418, "null", "BAD_REQUEST", "(418): null."],
    [501, "[]", "NOT_IMPLEMENTED", "(501)."],
    [599, "x", "INTERNAL_ERROR", "(599): x."],
    [400, '{"error_code":"RESOURCE_ALREADY_EXISTS","message":"Taken!"}', "RESOURCE_ALREADY_EXISTS", "(400): Taken!"],
  ])("of %i and %j is %s", async (status, body, code, says) => {
    const { client } = await against((_, response) => reply(response, status, body));
    const error: unknown = await client.runs.get("r").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MlflowError);
    expect(error).toMatchObject({ code, status, message: expect.stringContaining(says) });
    const { name, message, code: said } = JSON.parse(JSON.stringify(error)) as MlflowError;
    expect({ name, message, said }).toEqual({
      name: "MlflowError",
      message: (error as MlflowError).message,
      said: code,
    });
  });
});

describe("getOrCreateExperiment", () => {
  /** A server with one experiment by each name, whose ids count, in memory. */
  const registry = (lifecycle_stage = "active") => {
    const names: string[] = [];
    const answer: Answer = ({ url, body }, response) => {
      const query = new URL(url, "http://x").searchParams;
      const { name = query.get("experiment_name") } = JSON.parse(body || "{}") as { name?: string };
      if (url.includes("/create")) {
        if (names.includes(String(name))) return refuse(response, 400, "RESOURCE_ALREADY_EXISTS");
        return reply(response, 200, { experiment_id: String(names.push(String(name))) });
      }
      const id = query.get("experiment_id") ?? String(names.indexOf(String(name)) + 1);
      if (id === "0") return refuse(response, 404, "RESOURCE_DOES_NOT_EXIST");
      reply(response, 200, { experiment: { experiment_id: id, name: names[Number(id) - 1], lifecycle_stage } });
    };
    return { names, answer };
  };

  it("makes one for any number of callers", async () => {
    const { names, answer } = registry();
    const { client } = await against(answer);
    const found = await Promise.all(Array.from({ length: 50 }, () => client.getOrCreateExperiment("one/and only")));
    expect(names).toEqual(["one/and only"]);
    expect(new Set(found.map(({ experimentId }) => experimentId))).toEqual(new Set(["1"]));
  });

  it("takes the one that another caller made in between", async () => {
    const { names, answer } = registry();
    const { client, arrived } = await against((request, response, number) => {
      if (number === 0) {
        refuse(response, 404, "RESOURCE_DOES_NOT_EXIST");
        names.push("e");
      } else answer(request, response, number);
    });
    expect(await client.getOrCreateExperiment("e")).toMatchObject({ experimentId: "1" });
    expect(arrived.map(({ url }) => url.split(/[/?]/)[5])).toEqual(["get-by-name", "create", "get-by-name"]);
  });

  it("finds the one that it made where the answer was lost", async () => {
    const { names, answer } = registry();
    const { client } = await against((request, response, number) => {
      if (number === 1) names.push("e");
      if (number === 1) response.destroy();
      else answer(request, response, number);
    });
    expect(await client.getOrCreateExperiment("e", { tags: [{ key: "k", value: "v" }] })).toMatchObject({ name: "e" });
    expect(names).toEqual(["e"]);
  });

  it("gives up after as many attempts as it may", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 503));
    await expect(client.getOrCreateExperiment("e")).rejects.toMatchObject({ attempts: 4, status: 503 });
    expect(arrived).toHaveLength(4);
  });

  it("restores no deleted one, and says what can be done", async () => {
    const { names, answer } = registry("deleted");
    names.push("other", "gone");
    const { client } = await against(answer);
    const made = client.getOrCreateExperiment("gone");
    await expect(made).rejects.toMatchObject({ code: "INVALID_STATE" });
    await expect(made).rejects.toThrow('experiments.restore("2")');
  });
});

describe("runs.getOrCreate", () => {
  interface Kept {
    info: { run_id: string };
    data: { tags: { key: string; value: string }[] };
  }
  /** A server that keeps runs, and finds all of them whatever the filter. */
  const keeper = (lost: (number: number) => boolean) => {
    const kept: Kept[] = [];
    const answer: Answer = ({ url, body }, response, number) => {
      const { tags = [] } = JSON.parse(body) as { tags?: Kept["data"]["tags"] };
      const search = url.endsWith("/search");
      const run = { info: { run_id: `r${kept.length}` }, data: { tags } };
      if (!search) kept.push(run);
      if (lost(number)) response.destroy();
      else reply(response, 200, search ? { runs: kept } : { run });
    };
    return { kept, answer };
  };
  const tag = { key: "cell", value: "it's 1" };

  it("makes a run with the tag, and then finds it", async () => {
    const { kept, answer } = keeper(() => false);
    const { client, arrived } = await against(answer);
    const tags = [
      { key: "cell", value: "old" },
      { key: "a", value: "b" },
    ];
    const first = await client.runs.getOrCreate({ experimentId: "3", tags }, tag);
    const second = await client.runs.getOrCreate({ experimentId: "3", tags }, tag);
    expect(second.info.runId).toBe(first.info.runId);
    expect(kept).toHaveLength(1);
    expect(first.data.tags).toEqual([{ key: "a", value: "b" }, tag]);
    expect(JSON.parse(arrived[0].body)).toMatchObject({ experiment_ids: ["3"], filter: `tags.\`cell\` = "it's 1"` });
  });

  it("takes no run whose tag only looks alike", async () => {
    const { kept, answer } = keeper(() => false);
    kept.push({ info: { run_id: "capital" }, data: { tags: [{ key: "cell", value: "IT'S 1" }] } });
    const { client } = await against(answer);
    expect((await client.runs.getOrCreate({ experimentId: "3" }, tag)).info.runId).toBe("r1");
  });

  it.each([[[1]], [[0, 1]], [[1, 2]], [[0, 2, 3]]])("makes one run where the answers %j are lost", async (lost) => {
    const { kept, answer } = keeper((number) => lost.includes(number));
    const { client } = await against(answer);
    const { info } = await client.runs.getOrCreate({ experimentId: "3" }, tag);
    expect(kept.map((run) => run.info.run_id)).toEqual([info.runId]);
  });

  it.each([[{ key: "k", value: `both ' and "` }], [{ key: "`", value: "v" }], [{ key: "", value: "v" }]])(
    "refuses the tag %j, which no filter can say",
    async (wrong) => {
      const { client, arrived } = await against((_, response) => reply(response, 200));
      await expect(client.runs.getOrCreate({ experimentId: "3" }, wrong)).rejects.toThrow("No search finds");
      expect(arrived).toHaveLength(0);
    },
  );
});

describe("a new run", () => {
  it("starts now, which the server would take for 1970", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 200, { run: { info: {} } }));
    const before = Date.now();
    await client.runs.create({ experimentId: "1" });
    await client.runs.create({ experimentId: "1", startTime: 5, runName: "five", tags: [] });
    const [now, five] = arrived.map(({ body }) => JSON.parse(body) as { start_time: number });
    expect(now.start_time).toBeGreaterThanOrEqual(before);
    expect(five).toEqual({ experiment_id: "1", start_time: 5, run_name: "five", tags: [] });
  });
});

describe("a query", () => {
  it("repeats lists and leaves out what is undefined", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 200));
    await client.runs.metricHistories({ runIds: ["a", "b&c"], metricKey: "ä/ö", startStep: 0, endStep: undefined });
    expect(queryOf(arrived[0].url)).toBe("run_ids=a&run_ids=b%26c&metric_key=%C3%A4%2F%C3%B6&start_step=0");
  });
});
