// Makes a folder with tfjs-node in it, built against a libtensorflow that is at hand, without tfjs-node's download host:
//
//   node test/native/build.mjs LIBTENSORFLOW FOLDER
//
// LIBTENSORFLOW: a Python wheel `tensorflow_cpu`, unpacked: the folder that holds `tensorflow/libtensorflow_cc.so.2`
// FOLDER:        where it goes; EVERLEARN_TFJS_NODE=FOLDER then gives the tests the backend "node"
//
// It needs a C++ compiler, Python and npm's registry. The library is served on loopback as the archive that tfjs-node's own
// install script asks for.
import { execFileSync, spawn } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const VERSION = "4.22.0";
const [wheel, folder] = process.argv.slice(2).map((path) => resolve(path));
if (folder === undefined) throw new Error("Usage: node test/native/build.mjs LIBTENSORFLOW FOLDER");
const library = join(wheel, "tensorflow");
if (!existsSync(join(library, "libtensorflow_cc.so.2"))) throw new Error(`${library} holds no libtensorflow_cc.so.2.`);

const work = mkdtempSync(join(tmpdir(), "everlearn-libtensorflow-"));
try {
  // The library itself, and links to it under the names by which it is linked.
  for (const part of ["library/lib", "links/lib"]) mkdirSync(join(work, part), { recursive: true });
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
    symlinkSync(join(library, name), join(work, "library/lib", name));
  mkdirSync(join(work, "library/include"));
  for (const name of ["tensorflow", "tsl", "xla"])
    symlinkSync(join(library, "include", name), join(work, "library/include", name));
  for (const [link, name] of [
    ["libtensorflow.so", "libtensorflow_cc.so.2"],
    ["libtensorflow.so.2", "libtensorflow_cc.so.2"],
    ["libtensorflow_framework.so", "libtensorflow_framework.so.2"],
  ])
    symlinkSync(name, join(work, "links/lib", link));
  const tar = join(work, "libtensorflow.tar");
  execFileSync("tar", ["-chf", tar, "-C", join(work, "library"), "include", "lib"]);
  execFileSync("tar", ["-rf", tar, "-C", join(work, "links"), "lib"]);
  execFileSync("gzip", ["-1", tar]);

  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const npm = (args, env = {}) =>
    new Promise((done, fail) => {
      const child = spawn("npm", args, { cwd: folder, env: { ...process.env, ...env }, stdio: "inherit" });
      child.once("exit", (code) =>
        code === 0 ? done() : fail(new Error(`npm ${args.join(" ")} ended with ${code}.`)),
      );
    });
  await npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", `@tensorflow/tfjs-node@${VERSION}`]);

  const server = createServer((_, response) => createReadStream(`${tar}.gz`).pipe(response));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    await npm(["rebuild", "@tensorflow/tfjs-node"], {
      ...Object.fromEntries(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map((name) => [name, ""])),
      TFJS_NODE_BASE_URI: `http://127.0.0.1:${server.address().port}/libtensorflow-`,
      // Node's own headers, where they came with it, rather than those of its host.
      npm_config_nodedir: dirname(dirname(process.execPath)),
    });
  } finally {
    server.close();
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
