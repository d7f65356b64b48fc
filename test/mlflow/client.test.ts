import { createClient } from "@everlearn/mlflow-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itKeepsModels } from "./calls/models.js";
import { itKeepsRuns } from "./calls/runs.js";
import { mlflowPython } from "./python.js";
import { startMlflow } from "./server.js";
import { callsOf, failed, type World, worldOf } from "./world.js";

const python = await mlflowPython();
if ("reason" in python) console.warn(`The client was not tried against a real MLflow: ${python.reason}`);

describe.skipIf("reason" in python).each([{ auth: false }, { auth: true }])(
  "a real MLflow, basic-auth: $auth",
  { timeout: 300_000 },
  ({ auth }) => {
    const calls = new Set<string>();
    const the = {} as World; // as of when it has started

    beforeAll(async () => {
      const server = await startMlflow({ python: "path" in python ? python.path : "", auth });
      Object.assign(the, worldOf(server, calls));
    }, 400_000);
    afterAll(() => the.server?.stop(), 60_000);

    itKeepsRuns(the);
    itKeepsModels(the);

    it("takes a run that names no experiment", async () => {
      const options = { trackingUri: the.server.uri, auth: the.server.auth };
      const name = the.freshName();
      const mine = createClient({ ...options, environment: { MLFLOW_EXPERIMENT_NAME: name } });
      const { info } = await mine.runs.create();
      expect((await mine.experiments.get(info.experimentId)).name).toBe(name);
      expect((await the.plain.runs.create()).info.experimentId).toBe("0");
    });

    it("ends a call with its signal, and goes on", async () => {
      const ended = new AbortController();
      const call = the.client.runs.get(await the.freshRun(), { signal: ended.signal });
      ended.abort(new Error("enough"));
      await expect(call).rejects.toThrow("enough");
      await expect(the.client.experiments.get("0")).resolves.toMatchObject({ name: "Default" });
    });

    it("lets in who has the right password, where it wants one, and the client repeats none", async () => {
      const options = { environment: {}, trackingUri: the.server.uri };
      const password = "n0t the right 0ne";
      const nobody = createClient(options);
      const stranger = createClient({ ...options, auth: { username: "admin", password } });
      for (const one of [nobody, stranger]) {
        const error = await failed(one.experiments.get("0"));
        expect(error).toMatchObject(auth ? { status: 401, code: "UNAUTHENTICATED", attempts: 1 } : { code: "none" });
        expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(password);
      }
      const { username, password: right } = the.server.auth ?? { username: "anybody", password: "anything" };
      const inside = the.server.uri.replace("//", `//${username}:${encodeURIComponent(right)}@`);
      const known = createClient({ environment: { MLFLOW_TRACKING_URI: inside } });
      expect(await known.experiments.get("0")).toMatchObject({ name: "Default" });
      expect(known.trackingUri).toBe(the.server.uri);
    });

    it("had every call of the client", () => {
      expect([...calls].toSorted()).toEqual(callsOf(the.plain).toSorted());
    });
  },
);

it.skipIf("reason" in python)("a real MLflow is gone when it was stopped", { timeout: 400_000 }, async () => {
  const server = await startMlflow({ python: "path" in python ? python.path : "" });
  const { experiments } = createClient({ environment: {}, trackingUri: server.uri, retries: 0 });
  expect(await experiments.get("0")).toMatchObject({ name: "Default" });
  await server.stop();
  const connects = async () => (await failed(experiments.get("0"))).ambiguous;
  await expect.poll(connects, { timeout: 10_000 }).toBe(false); // no connection, after the broken old one
});
