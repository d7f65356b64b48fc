import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const here = ["clang", "gcc"].filter((compiler) => spawnSync(compiler, ["--version"]).status === 0);
const golden: unknown = JSON.parse(readFileSync(join(root, "test/golden.json"), "utf8"));
const widths = process.arch === "x64" ? [4, 8, 16] : [4];

/** Runs a script of the repository by itself. */
function node(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return spawnSync(process.execPath, [join(root, script), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

if (here.length === 0) console.warn("Native kernels are not tested: there is neither clang nor gcc.");

it("has a compiler where one is required", () => {
  expect(process.env["EVERLEARN_REQUIRE_COMPILER"] === "1" ? here : ["any"]).not.toEqual([]);
});

describe.each(here)("kernels by %s", (compiler) => {
  const builds = mkdtempSync(join(tmpdir(), "everlearn-kernels-"));
  afterAll(() => rmSync(builds, { recursive: true, force: true }));
  execFileSync(process.execPath, [
    join(root, "packages/kernel-native/build.mjs"),
    ...["--compiler", compiler, "--out", builds],
  ]);
  const env = { EVERLEARN_KERNEL_BUILDS: builds };
  const platform = `${process.platform}-${process.arch}`;
  const { lanes } = {
    lanes: 0,
    ...(process.getBuiltinModule("module").createRequire(root)(join(builds, platform, "kernel.node")) as object),
  };

  it("take less than 500 kB", () => {
    expect(readFileSync(join(builds, platform, "kernel.node")).length).toBeLessThan(500_000);
  });

  it.each(widths.filter((width) => width <= lanes))("give the golden runs' digests with %i lanes", (width) => {
    const { stdout, stderr } = node("test/digests.mjs", [], { ...env, EVERLEARN_KERNEL: `native-${width}` });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(golden);
  });

  it("are used where nothing is said, the widest", () => {
    const script = "packages/wasm/dist/index.js";
    const code = `import { kernel, nativeLanes } from ${JSON.stringify(join(root, script))}; console.log(nativeLanes(kernel), nativeLanes({ ...kernel, sources: "others" }));`;
    const run = (choice: string) =>
      execFileSync(process.execPath, ["--input-type=module", "-e", code], {
        encoding: "utf8",
        env: { ...process.env, ...env, EVERLEARN_KERNEL: choice },
      }).trim();
    expect(run("")).toBe(`${lanes} 0`);
    expect(run("wasm")).toBe("0 0");
  });
});

it("are missed in one sentence where they are asked for and not there", () => {
  const { stderr, status } = node("test/digests.mjs", [], {
    EVERLEARN_KERNEL_BUILDS: join(root, "nowhere"),
    EVERLEARN_KERNEL: "native",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("EVERLEARN_KERNEL asks for a native kernel, but this machine has none");
});
