import { type Client, createClient, type MlflowError } from "@everlearn/mlflow-client";
import type { MlflowServer } from "./server.js";

/** A real server, a client of it whose calls are counted, and the same client uncounted. */
export interface World {
  readonly server: MlflowServer;
  readonly client: Client;
  readonly plain: Client;
  freshNumber(): number;
  freshName(): string;
  /** @returns its id */
  freshExperiment(): Promise<string>;
  /** @returns its id */
  freshRun(): Promise<string>;
}

/** @param calls what is called is added here, as "client.runs.create" */
export function worldOf(server: MlflowServer, calls: Set<string>): World {
  const plain = createClient({ environment: {}, trackingUri: server.uri, auth: server.auth });
  const client = observed(plain, calls);
  let last = 0;
  const freshNumber = () => ++last;
  const freshName = () => `experiment ${freshNumber()} – ä/€`;
  const freshExperiment = () => client.experiments.create({ name: freshName() });
  const freshRun = async () => {
    const { info } = await client.runs.create({ experimentId: await freshExperiment() });
    return info.runId;
  };
  return { server, client, plain, freshNumber, freshName, freshExperiment, freshRun };
}

export const missing = "RESOURCE_DOES_NOT_EXIST";

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whether these are the bytes of a stream or a file; `toEqual` would take a minute for them. */
export const holds = async (found: Blob | ReadableStream<Uint8Array>, content: Uint8Array): Promise<boolean> =>
  Buffer.from(await new Response(found as Blob).arrayBuffer()).equals(content);
export const failed = async (promise: Promise<unknown>): Promise<Partial<MlflowError>> =>
  promise.then(
    () => ({ code: "none" }),
    (error: unknown) => error as MlflowError,
  );

/** The client, and which of its calls were made. */
function observed(client: Client, calls: Set<string>): Client {
  const watch = (name: string, value: unknown): unknown => {
    if (typeof value === "function")
      return (...rest: unknown[]): unknown => {
        calls.add(name);
        return (value as (...rest: unknown[]) => unknown)(...rest);
      };
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, watch(`${name}.${key}`, one)]));
  };
  return watch("client", client) as Client;
}

export const callsOf = (client: object, name = "client"): string[] =>
  Object.entries(client).flatMap(([key, value]) => {
    if (typeof value === "function") return [`${name}.${key}`];
    return typeof value === "object" && value !== null ? callsOf(value as object, `${name}.${key}`) : [];
  });
