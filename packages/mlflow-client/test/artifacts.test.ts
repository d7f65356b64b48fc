import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ClientOptions, createClient } from "../src/index.js";
import { artifactPath, proxied, segment } from "../src/paths.js";
import { type Answer, loopback, refuse, reply } from "./loopback.js";

const run = { runId: "r" };

/** A server whose runs and models have their artifacts at `root`; `answer` gets the other requests, counted from 0. */
async function against(answer: Answer, root = "mlflow-artifacts:/1/r/artifacts", options: ClientOptions = {}) {
  let others = 0;
  const { url, arrived } = await loopback((request, response) => {
    const info = { artifact_uri: root };
    if (request.url.includes("/runs/get")) reply(response, 200, { run: { info } });
    else if (/\/logged-models\/[^/]+$/.test(request.url)) reply(response, 200, { model: { info } });
    else answer(request, response, others++);
  });
  const client = createClient({ environment: {}, backoff: 0, retries: 3, trackingUri: url, ...options });
  const contents = () => arrived.filter(({ url }) => url.includes("mlflow-artifacts"));
  return { client, arrived, contents, url };
}

describe("upload", () => {
  const bytes = new Uint8Array([0, 255, 13, 10, 128]);
  const stream = () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.subarray(0, 2));
        controller.enqueue(bytes.subarray(2));
        controller.close();
      },
    });

  it.each([
    ["bytes", () => bytes],
    ["a part of a buffer", () => new Uint8Array([9, ...bytes, 9]).subarray(1, 6)],
    ["an ArrayBuffer", () => bytes.slice().buffer],
    ["a Blob", () => new Blob([bytes], { type: "image/png" })],
    ["a stream", stream],
  ])("sends %s, with its length, in every attempt", async (_, content) => {
    const { client, contents } = await against((_, response, number) => reply(response, number === 0 ? 503 : 200));
    await client.artifacts.upload(run, "deep/er/some file-é.bin", content());
    expect(contents()).toHaveLength(2);
    for (const { method, url, headers, body } of contents()) {
      expect(method).toBe("PUT");
      expect(url).toBe("/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/deep/er/some%20file-%C3%A9.bin");
      expect(headers).toMatchObject({ "content-length": "5", "content-type": "application/octet-stream" });
      expect(body).toBe(Buffer.from(bytes).toString("utf8"));
    }
  });

  it("sends a file that is read while it is sent", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mlflow-client-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "file");
    writeFileSync(file, "x".repeat(300_000));
    const { client, contents } = await against((_, response) => reply(response, 200));
    await client.artifacts.upload(run, "file", await openAsBlob(file));
    expect(contents()[0].headers["content-length"]).toBe("300000");
    expect(contents()[0].body).toBe("x".repeat(300_000));
  });

  it("sends text as UTF-8, and nothing as nothing", async () => {
    const { client, contents } = await against((_, response) => reply(response, 200));
    await client.artifacts.upload(run, "a", "größe €");
    await client.artifacts.upload(run, "b", "");
    expect(contents().map(({ body }) => body)).toEqual(["größe €", ""]);
  });

  it("has a second more for each megabyte", async () => {
    const { client } = await against(() => undefined);
    const upload = client.artifacts.upload(run, "a", new Uint8Array(400_000), { timeout: 100, retries: 0 });
    await expect(upload).rejects.toThrow("sent nothing for 0.5 s");
  });

  it("asks once where a run's artifacts are, and goes to a logged model's too", async () => {
    const { client, arrived } = await against((_, response) => reply(response, 200), "mlflow-artifacts:/a/b/");
    await client.artifacts.upload(run, "1", "x");
    await client.artifacts.upload(run, "2", "x");
    await client.artifacts.upload({ modelId: "m-1" }, "3", "x");
    expect(arrived.map(({ method, url }) => `${method} ${url.replace("/api/2.0/", "")}`)).toEqual([
      "GET mlflow/runs/get?run_id=r",
      "PUT mlflow-artifacts/artifacts/a/b/1",
      "PUT mlflow-artifacts/artifacts/a/b/2",
      "GET mlflow/logged-models/m-1",
      "PUT mlflow-artifacts/artifacts/a/b/3",
    ]);
  });
});

describe("download", () => {
  const half: Answer = (_, response) => {
    response.writeHead(200, { "content-length": "10", "content-type": "text/plain" });
    response.write("first", () => setTimeout(() => response.destroy(), 10));
  };

  it("answers the whole file, after a broken connection too", async () => {
    const { client, contents } = await against((request, response, number) => {
      if (number === 0) half(request, response, number);
      else reply(response, 200, "first half", { "content-type": "text/plain" });
    });
    const blob = await client.artifacts.download(run, "a.txt");
    expect([await blob.text(), blob.type]).toEqual(["first half", "text/plain"]);
    expect(contents()).toHaveLength(2);
  });

  it("of what is not there is MLflow's error", async () => {
    const { client } = await against((_, response) =>
      refuse(response, 404, "RESOURCE_DOES_NOT_EXIST", "No such file."),
    );
    await expect(client.artifacts.download(run, "a")).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
  });

  it("as a stream begins again, and then fails with its error", async () => {
    const { client, contents } = await against((request, response, number) => {
      if (number === 0) reply(response, 503);
      else half(request, response, number);
    });
    const reader = (await client.artifacts.open(run, "a")).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("first");
    await expect(reader.read()).rejects.toMatchObject({ name: "MlflowError", code: "UNREACHABLE" });
    expect(contents()).toHaveLength(2);
  });

  it("as a stream waits for each chunk, and not for its reader", async () => {
    const { client } = await against((_, response) => void response.write("first"));
    const reader = (await client.artifacts.open(run, "a", { timeout: 150 })).getReader();
    await new Promise((resolve) => setTimeout(resolve, 300)); // longer than the server may take
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("first");
    await expect(reader.read()).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  it("as a stream ends with its signal", async () => {
    const { client } = await against((_, response) => void response.write("first"));
    const ended = new AbortController();
    const reader = (await client.artifacts.open(run, "a", { signal: ended.signal })).getReader();
    await reader.read();
    ended.abort(new Error("enough"));
    await expect(reader.read()).rejects.toThrow("enough");
  });

  it("as a stream that nobody reads on lets the connection go", async () => {
    let close = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const { client } = await against((_, response) => {
      response.on("close", close);
      response.write("first");
    });
    const stream = await client.artifacts.open(run, "a");
    await stream.cancel();
    await closed;
    expect(stream.locked).toBe(false);
  });
});

describe("list", () => {
  it("asks for all pages, of a run or of a model", async () => {
    const { client, arrived } = await against(({ url }, response) =>
      url.includes("page_token")
        ? reply(response, 200, { files: [{ path: "b", is_dir: true }] })
        : reply(response, 200, { files: [{ path: "a", is_dir: false, file_size: 3 }], next_page_token: "t" }),
    );
    const files = [
      { path: "a", isDir: false, fileSize: 3 },
      { path: "b", isDir: true },
    ];
    expect(await client.artifacts.list(run, "deep/er")).toEqual(files);
    expect(await client.artifacts.list({ modelId: "m" })).toEqual(files);
    expect(arrived.map(({ url }) => url.replace("/api/2.0/mlflow/", ""))).toEqual([
      "artifacts/list?run_id=r&path=deep%2Fer",
      "artifacts/list?run_id=r&path=deep%2Fer&page_token=t",
      "logged-models/m/artifacts/directories",
      "logged-models/m/artifacts/directories?page_token=t",
    ]);
  });

  it("of nothing is empty", async () => {
    const { client } = await against((_, response) => reply(response, 200, { root_uri: "x" }));
    expect(await client.artifacts.list(run)).toEqual([]);
  });
});

describe("a path", () => {
  it.each([
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "a/./b",
    "..",
    "a/../../b",
    "a\\b",
    "a#b",
    "a%20b",
    "a%2e%2e",
    "a\nb",
    "a\u007fb",
    "a\ud800",
  ])("is not %j", async (path) => {
    const { client, arrived } = await against((_, response) => reply(response, 200));
    const { artifacts } = client;
    for (const call of [
      artifacts.upload(run, path, "x"),
      artifacts.download(run, path),
      artifacts.open(run, path),
      artifacts.delete(run, path),
      artifacts.list(run, path),
    ])
      await expect(call).rejects.toMatchObject({ code: "INVALID_PARAMETER_VALUE", attempts: 0 });
    expect(arrived).toHaveLength(0);
  });

  it("in an address stays below the root and says the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (path) => {
        let encoded: string;
        try {
          encoded = artifactPath(path);
        } catch {
          return;
        }
        const { pathname, search, hash } = new URL(`http://host/base/${encoded}`);
        expect([search, hash]).toEqual(["", ""]);
        expect(pathname.startsWith("/base/")).toBe(true);
        expect(decodeURIComponent(pathname.slice("/base/".length))).toBe(path);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["", ".", "..", "a/b", "\ud800"])("has no segment %j from elsewhere", async (name) => {
    expect(() => segment("a thing", name)).toThrow("cannot name a thing");
    const { client, arrived } = await against((_, response) => reply(response, 200));
    await expect(client.models.get(name)).rejects.toThrow("cannot name");
    await expect(client.models.deleteTag({ modelId: "m", key: name })).rejects.toThrow("cannot name");
    expect(arrived).toHaveLength(0);
  });
});

describe("a root", () => {
  const base = "https://host:5000/prefix";

  it.each([
    ["mlflow-artifacts:/1/r/artifacts", "1/r/artifacts"],
    ["mlflow-artifacts:/1/r/artifacts/", "1/r/artifacts"],
    ["mlflow-artifacts://host:5000/1/r", "1/r"],
    ["https://host:5000/prefix/api/2.0/mlflow-artifacts/artifacts/1/r", "1/r"],
    ["mlflow-artifacts:/with%20space/r", "with%20space/r"],
  ])("of %s is behind the proxy", (root, path) => {
    expect(proxied(root, base)).toBe(`/api/2.0/mlflow-artifacts/artifacts/${path}`);
  });

  it.each([
    ["s3://key:secret@bucket/1/r", "address"],
    ["file:///mlruns/1/r", "address"],
    ["/mlruns/1/r", "address"],
    ["https://host:5000/elsewhere", "address"],
    ["dbfs:/x", '"dbfs:"'],
    ["", "address"],
    ["mlflow-artifacts://other:5000/1/r", "another server"],
    ["http://host:5000/api/2.0/mlflow-artifacts/artifacts/1/r", "another server"],
    ["https://evil/api/2.0/mlflow-artifacts/artifacts/1/r", "another server"],
  ])("of %s is not", (root, says) => {
    expect(() => proxied(root, base)).toThrow(says);
    expect(() => proxied(root, base)).not.toThrow("secret");
  });

  it("elsewhere gets no content and no credentials", async () => {
    const other = await loopback((_, response) => reply(response, 200));
    const root = `${other.url}/api/2.0/mlflow-artifacts/artifacts/1/r`;
    const { client } = await against((_, response) => reply(response, 200), root, { auth: { token: "t" } });
    await expect(client.artifacts.upload(run, "a", "x")).rejects.toThrow("another server");
    expect(other.arrived).toHaveLength(0);
  });
});
