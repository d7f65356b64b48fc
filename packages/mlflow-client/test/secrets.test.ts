import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClientOptions, createClient, MlflowError } from "../src/index.js";
import { redactor } from "../src/secrets.js";
import { loopback, reply } from "./loopback.js";

/** A hundred of them, each once in the world, with what JSON, HTML and URLs write otherwise. */
const planted = Array.from({ length: 100 }, (_, i) => {
  const plain = `tok${(i * 7919 + 104_729).toString(36)}`;
  return `${plain}${["", '"', "'", "&<>", "%2F", "+/=", "\\", "$&", "-_.~", "[redacted]"][i % 10]}${plain.toUpperCase()}`;
});

/** All that can be seen of a value. */
const shown = (value: unknown): string =>
  [
    inspect(value, { depth: null, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? `${value.stack} ${value.message} ${inspect(value.cause, { depth: null })}` : "",
  ].join("\n");

/** The two halves of a token: neither may be seen, so that no other way to write what is between them goes unseen. */
const halves = (token: string): string[] => [token.slice(0, 7), token.slice(-7)];

const rejected = async (promise: Promise<unknown>): Promise<unknown> => {
  const outcome = await promise.then(
    () => "no error",
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(MlflowError);
  return outcome;
};

const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(MlflowError);
    return error;
  }
  throw new Error("no error");
};

/** Where a secret can be given. */
const places: readonly ((secret: string, uri: string) => ClientOptions)[] = [
  (token, trackingUri) => ({ trackingUri, auth: { token } }),
  (password, trackingUri) => ({ trackingUri, auth: { username: "someone", password } }),
  (password, uri) => ({ trackingUri: uri.replace("//", `//someone:${encodeURIComponent(password)}@`) }),
  (username, uri) => ({ trackingUri: uri.replace("//", `//${encodeURIComponent(username)}@`) }),
  (token, uri) => ({ environment: { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: token } }),
  (MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_URI) => ({
    environment: { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME: "someone", MLFLOW_TRACKING_PASSWORD },
  }),
  (key, trackingUri) => ({ trackingUri, headers: { "x-api-key": key } }),
];

const encoders: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  encodeURIComponent,
  (secret) => JSON.stringify({ secret }),
  (secret) => secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
];

describe("a hundred planted credentials", () => {
  it("are shown by no client and by no error, whatever a server repeats of them", async () => {
    let secret = "";
    let encoder = encoders[0];
    const { url, arrived } = await loopback(({ headers }, response, number) => {
      const said = `You sent ${encoder(secret)}: ${headers.authorization} ${encodeURIComponent(headers.authorization ?? "")}`;
      const kinds = [
        () => reply(response, 403, { error_code: "PERMISSION_DENIED", message: said }),
        () => reply(response, 400, { error_code: `BAD ${said}`, message: `${"long ".repeat(500)}${said}` }),
        () => reply(response, 401, said, { "content-type": "text/plain", "www-authenticate": said }),
        () => reply(response, 404, `<html><p>${said}</p></html>`),
        () => reply(response, 200, `<html>${said}</html>`),
        () => response.destroy(),
      ];
      kinds[number % kinds.length]();
    });
    for (const [i, token] of planted.entries()) {
      secret = token;
      encoder = encoders[i % encoders.length];
      const options = places[i % places.length](token, url);
      const client = createClient({ environment: {}, ...options, retries: 0 });
      for (let call = 0; call < 6; call++) {
        const error = await rejected(client.runs.create({ experimentId: "0" }));
        for (const half of halves(token)) expect(shown(error)).not.toContain(half);
        const { authorization } = arrived[arrived.length - 1].headers;
        if (authorization !== undefined) expect(shown(error)).not.toContain(authorization.split(" ")[1]);
      }
      for (const half of halves(token)) expect(shown(client)).not.toContain(half);
      const { authorization, "x-api-key": key } = arrived[arrived.length - 1].headers;
      expect(authorization ?? key).toBeDefined(); // it was sent
    }
  });

  it("are shown by no error of a failing fetch, with what it was given in its hands", async () => {
    for (const [i, token] of planted.entries()) {
      const options = places[i % places.length](token, "http://127.0.0.1:5000");
      const client = createClient({
        environment: {},
        ...options,
        retries: 1,
        backoff: 0,
        fetch: (input, init) => {
          const cause = new Error(`${JSON.stringify(init?.headers)} ${token}`);
          return Promise.reject(
            Object.assign(new TypeError(`failed: ${input as string} ${token}`, { cause }), { init }),
          );
        },
      });
      const error = await rejected(client.runs.get("r"));
      for (const half of halves(token)) expect(shown(error)).not.toContain(half);
    }
  });

  it("are shown by no error of an option that cannot be used", () => {
    for (const token of planted) {
      const encoded = encodeURIComponent(token);
      const wrong: ClientOptions[] = [
        { trackingUri: `http://someone:${encoded}@` },
        { trackingUri: `ftp://someone:${encoded}@host/` },
        { trackingUri: `http://someone:${encoded}@host/?x` },
        { trackingUri: `http://host/#${encoded}` },
        { trackingUri: `http://host/?token=${encoded}` },
        { trackingUri: `http://${encoded}%zz@host` },
        { trackingUri: "http://host", auth: { token: `${token}\n` } },
        { trackingUri: "http://host", auth: { token: `${token}\u{1f511}` } },
        { trackingUri: "http://host", auth: { username: "a:b", password: token } },
        { trackingUri: "http://host", headers: { cookie: `${token}\n${token}` } },
      ];
      for (const options of wrong) {
        const error = thrown(() => createClient({ environment: {}, ...options }));
        for (const half of halves(token)) expect(shown(error)).not.toContain(half);
      }
    }
  });
});

describe("a redactor", () => {
  it("takes out every secret of four characters or more, one within another too", () => {
    const secret = fc.string({ minLength: 4, maxLength: 12, unit: "grapheme" });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (secrets, between) => {
        fc.pre(secrets.every((one) => !"[redacted]".includes(one)));
        const text = between.map((part, i) => `${part}${secrets[i % secrets.length]}`).join("");
        const rest = redactor(secrets)(text).replaceAll("[redacted]", "\u0000");
        for (const one of secrets) if (!one.includes("\u0000")) expect(rest).not.toContain(one);
      }),
    );
  });

  it("leaves a text without secrets as it is", () => {
    fc.assert(fc.property(fc.string(), (text) => redactor(["s3cr3t-w0rd"])(text) === text || text.includes("s3cr3t")));
    expect(redactor(["a", ""])("banana")).toBe("banana");
  });

  it("leaves no rest of a secret that begins as another does", () => {
    expect(redactor(["abcd", "abcdefgh"])("abcd abcdefgh")).toBe("[redacted] [redacted]");
  });

  it("does not mind lone surrogates", () => {
    expect(redactor(["ab\ud800cd"])("x ab\ud800cd y")).toBe("x [redacted] y");
  });
});
