import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A real MLflow server, with SQLite and the artifact proxy, in a folder of its own. */
export interface MlflowServer {
  /** Where it is, such as `http://127.0.0.1:41233`. */
  readonly uri: string;
  /** The administrator, if it wants one. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** Ends it with all its processes, and removes its folder. */
  readonly stop: () => Promise<void>;
}

export interface MlflowServerOptions {
  /** The Python that has MLflow: see `mlflowPython`. */
  readonly python: string;
  /** With MLflow's basic-auth app; false by default. */
  readonly auth?: boolean;
}

const auth = { username: "admin", password: "correct: horse/battery+staple" };

/**
 * Runs MLflow until its own input ends, then ends its whole group of processes: when the server is stopped, and also
 * when whoever started it is gone, however it went.
 */
const leashed = `
import os, signal, subprocess, sys, threading
server = subprocess.Popen([sys.executable, "-m", "mlflow", *sys.argv[1:]], stdin=subprocess.DEVNULL)
def leash():
    sys.stdin.read()
    if hasattr(os, "killpg"): os.killpg(0, signal.SIGKILL)
    server.kill()
threading.Thread(target=leash, daemon=True).start()
sys.exit(server.wait())`;

/** How long its first start may take: it makes its database by migrations. Milliseconds. */
const patience = 180_000;

/** Starts a server and waits until it answers. Whoever starts one stops it; if this process ends first, it ends too. */
export async function startMlflow(options: MlflowServerOptions): Promise<MlflowServer> {
  const folder = mkdtempSync(join(tmpdir(), "everlearn-mlflow-"));
  try {
    for (let attempt = 1; ; attempt++) {
      const server = await started(folder, options);
      if (typeof server !== "string") return server;
      // Another process may have taken the free port in between.
      if (attempt === 3 || !/address already in use/i.test(server)) throw new Error(`MLflow did not start:\n${server}`);
    }
  } catch (error) {
    remove(folder);
    throw error;
  }
}

/** The server, or its log where it ended. */
async function started(folder: string, options: MlflowServerOptions): Promise<MlflowServer | string> {
  const port = await freePort();
  const log = join(folder, "log.txt");
  const config = options.auth ? join(folder, "auth.ini") : undefined;
  if (config !== undefined) writeFileSync(config, authConfig(join(folder, "auth.db")));
  const output = openSync(log, "w");
  const server = spawn(
    options.python,
    [
      ...["-c", leashed, "server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"],
      ...["--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", "./artifacts"],
      ...(options.auth ? ["--app-name", "basic-auth"] : []),
    ],
    { cwd: folder, env: environment(config), stdio: ["pipe", output, output], detached: true }, // in a group of its own
  );
  closeSync(output);
  server.stdin?.on("error", () => undefined); // it ended by itself
  const ended = new Promise<void>((resolve) => {
    server.once("error", () => resolve());
    server.once("exit", () => resolve());
  });
  const stop = async () => {
    server.stdin?.end();
    await ended;
  };

  const uri = `http://127.0.0.1:${port}`;
  const end = Date.now() + patience;
  const running = () => server.pid !== undefined && server.exitCode === null && server.signalCode === null;
  while (running() && Date.now() < end) {
    if (await answers(uri)) {
      const stopAndTidy = async () => {
        await stop();
        remove(folder);
      };
      return { uri, ...(options.auth && { auth }), stop: stopAndTidy };
    }
    await Promise.race([ended, sleep(200)]);
  }
  await stop();
  return readFileSync(log, "utf8").slice(-4000) || `${options.python} could not be started.`;
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });

/**
 * Nothing of MLflow's from outside, no telemetry, and no workers for jobs that no test has. With its 15 connections to
 * the database, fifty requests at once wait for each other, half a minute at a time: they take two for each.
 */
function environment(config: string | undefined): NodeJS.ProcessEnv {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith("MLFLOW_"));
  return {
    ...Object.fromEntries(outer),
    DO_NOT_TRACK: "true",
    MLFLOW_DISABLE_TELEMETRY: "true",
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
    MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: "100",
    ...(config !== undefined && { MLFLOW_AUTH_CONFIG_PATH: config, MLFLOW_FLASK_SERVER_SECRET_KEY: "a key for tests" }),
  };
}

const authConfig = (database: string): string => `[mlflow]
default_permission = READ
database_uri = sqlite:///${database.replaceAll("\\", "/")}
admin_username = ${auth.username}
admin_password = ${auth.password}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
auth_cache_ttl_seconds = 600
`;

async function answers(uri: string): Promise<boolean> {
  try {
    return (await fetch(`${uri}/health`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
