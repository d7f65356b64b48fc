import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { shell } from "../packages/shell.mjs";
import { loopback } from "./loopback.mjs";

const version = "6.8.0";

/** Verdaccio in a folder of its own, installed once: it is none of the repository's dependencies. @returns its program */
async function verdaccio(root) {
  const folder = join(root, "node_modules/.cache/everlearn/verdaccio");
  const manifest = join(folder, "node_modules/verdaccio/package.json");
  if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, "utf8")).version !== version) {
    mkdirSync(folder, { recursive: true });
    // It asks for a tag of node-fetch that mirrors do not always have.
    const project = { private: true, overrides: { "node-fetch": "2.7.0" } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(project));
    await shell(folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", `verdaccio@${version}`);
  }
  return join(folder, "node_modules/verdaccio/bin/verdaccio");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * An empty registry on loopback, which takes our packages from its one user and has all others from npm's own.
 * @param {string} root of the repository
 * @param {string} place an empty folder for what it keeps
 * @returns its URL, its user's npm configuration, and how it ends
 */
export async function openRegistry(root, place) {
  const program = await verdaccio(root);
  const upstream = (await shell(place, "npm", "config", "get", "registry")).trim();
  const url = loopback(`http://127.0.0.1:${await freePort()}/`);
  const ours = { access: "$all", publish: "$authenticated" };
  const config = {
    storage: join(place, "storage"),
    auth: { htpasswd: { file: join(place, "htpasswd") } },
    uplinks: { npm: { url: upstream, maxage: "30m" } },
    packages: { "@everlearn/*": ours, everlearn: ours, "**": { access: "$all", proxy: "npm" } },
    max_body_size: "50mb",
    log: { type: "stdout", format: "pretty", level: "warn" },
  };
  const file = join(place, "config.yaml");
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  const child = spawn(process.execPath, [program, "--config", file, "--listen", new URL(url).host], {
    cwd: place,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const close = async () => {
    child.kill();
    await ended;
  };
  try {
    await answered(`${url}-/ping`, child, () => said);
    const name = "rehearsal";
    const response = await fetch(`${url}-/user/org.couchdb.user:${name}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, password: "only-on-loopback", email: `${name}@localhost` }),
    });
    const { token, error } = await response.json();
    if (token === undefined) throw new Error(`The registry gave no token: ${error}`);
    const npmrc = join(place, "npmrc");
    writeFileSync(npmrc, `registry=${url}\n//${new URL(url).host}/:_authToken=${token}\nfund=false\naudit=false\n`);
    return { url, npmrc, said: () => said, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answered(url, child, said) {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await pause(100);
  }
  throw new Error(`The registry does not answer:\n${said()}`);
}
