import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { checkLearner } from "@everlearn/conformance";
import { type Learner, unaugmented } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it, onTestFinished } from "vitest";
import { program } from "../src/index.js";
import { hasPython } from "./python.js";

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);
const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
  k: { type: "integer", minimum: 1, default: 5, description: "How many examples a step is on." },
  capacity: { type: "integer", minimum: 1, default: 50, description: "How many examples are kept." },
} as const;
const er = program({
  ...{ name: "python-er", description: "Experience replay, written in Python.", options },
  command: ["python3", fixture("er.py")],
});

type Disposable = Learner & { dispose(): void };
const size = { shape: [2, 2, 1], inputs: 4, outputs: 2 };

async function started(command: readonly (string | URL)[], what = "", patience = 60): Promise<Disposable> {
  const plugin = program({
    ...{ name: "odd", description: "Odd.", command, patience },
    options: { what: { type: "string", description: "What it does." } },
  });
  const learner = (await plugin.create({ what }, { ...size, random: random(1), views: unaugmented })) as Disposable;
  onTestFinished(() => learner.dispose());
  return learner;
}

const odd = (what: string, patience?: number) => started(["python3", fixture("odd.py")], what, patience);
const example = { x: Uint8Array.of(1, 2, 3, 4), y: 1 };

/** The processes of Python that run a file. */
function running(name: string): string[] {
  const lines = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => /^ *\d+ \S*python/.test(line) && line.trimEnd().endsWith(`/${name}`));
}

describe.skipIf(!hasPython)("a learner in Python", () => {
  it("is judged by the conformance kit as any other", { timeout: 600_000 }, async () => {
    await checkLearner(er, { options: { alpha: 0.1 } });
    await wait(200);
    expect(running("er.py")).toEqual([]);
  });

  it("leaves no program behind while others come and go, even where this thread is never idle", async () => {
    for (let i = 0; i < 8; i++) (await started(["python3", fixture("odd.py")])).dispose();
    const until = Date.now() + 20_000;
    while (running("odd.py").length > 0 && Date.now() < until); // the loop does not turn
    expect(running("odd.py")).toEqual([]);
  });

  it("is convicted by it where it does not save what it remembers", { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "everlearn-program-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "forgets.py");
    const text = readFileSync(fixture("er.py"), "utf8");
    writeFileSync(
      file,
      text.replace('self.memory = [(array.array("d", x), y, outputs) for x, y, outputs in state["memory"]]', "pass"),
    );
    expect(readFileSync(file, "utf8")).not.toBe(text);
    const forgets = program({ name: "forgets", description: "Forgets.", options, command: ["python3", file] });
    await expect(checkLearner(forgets, { options: { alpha: 0.1 } })).rejects.toThrow(
      /must .*came out otherwise|must .*load/s,
    );
  });

  it.each<[string, RegExp]>([
    ["raise", /^odd: KeyError: 'the memory'$/],
    [
      "die",
      /^The program "python3 .*odd\.py" ended with exit status 3 before it had answered: Segmentation fault of mine\.$/,
    ],
  ])("that fails is named with what it said: %s", async (what, sentence) => {
    const learner = await odd(what);
    expect(() => learner.observe([example])).toThrow(sentence);
    if (what === "die") expect(() => learner.predict([example])).toThrow(sentence);
  });

  it("that hangs, or never ends a loop, is given up and ended", async () => {
    for (const what of ["hang", "loop"]) {
      const learner = await odd(what, 1);
      expect(() => learner.observe([example])).toThrow(
        /^The program "python3 .*odd\.py" gave no answer for 1 s, and was ended\.$/,
      );
    }
    await wait(200);
    expect(running("odd.py")).toEqual([]);
  });

  it("that answers other than it was asked is told so", async () => {
    await expect(odd("raise at once")).rejects.toThrow(/^odd: ValueError: no such thing$/);
    const few = await odd("answer too few");
    expect(() => few.predict([example])).toThrow(/predict answered 0 of 1 queries/);
    expect(few.predict([])).toEqual(new Uint16Array());
    await expect(started(["python3", "-c", "print('hello, this is no frame at all')"])).rejects.toThrow(
      /wrote something to standard output that is no frame/,
    );
    await expect(started(["no-such-program-here"])).rejects.toThrow(
      /^The program "no-such-program-here" cannot be started: there is no "no-such-program-here" here; install it\.$/,
    );
  });

  it("is told no secrets of the environment", async () => {
    process.env.MY_API_TOKEN = "swordfish";
    onTestFinished(() => void delete process.env.MY_API_TOKEN);
    const learner = await odd("show environment");
    expect(() => learner.predict([example])).toThrow(/^odd: RuntimeError: PATH, PYTHONPATH$/);
  });

  it("ends with whoever started it, even in an endless loop", async () => {
    const own = fileURLToPath(new URL("../dist/index.js", import.meta.url));
    const file = fileURLToPath(fixture("odd.py"));
    const script = `
      import { program } from ${JSON.stringify(own)};
      const plugin = program({
        name: "odd", description: "Odd.", command: ["python3", ${JSON.stringify(file)}],
        options: { what: { type: "string", description: "What." } },
      });
      const learner = plugin.create({ what: "loop" }, { shape: [2, 2, 1], inputs: 4, outputs: 2, random: { integer: () => 1 } });
      console.log("made");
      learner.observe([{ x: new Uint8Array(4), y: 0 }]);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    await wait(300);
    expect(running("odd.py")).toHaveLength(1);
    child.kill("SIGKILL");
    for (let i = 0; i < 100 && running("odd.py").length > 0; i++) await wait(100);
    expect(running("odd.py")).toEqual([]);
  });

  it("has its memory counted, and limited, with that of its program", async () => {
    const folder = fileURLToPath(new URL("../../../node_modules/.cache/everlearn-memory", import.meta.url));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(fileURLToPath(new URL("./fixtures", import.meta.url)), folder, { recursive: true });
    writeFileSync(
      join(folder, "odd.mjs"),
      `import { program } from "@everlearn/program";
      export default program({ name: "odd", description: "Odd.", command: ["python3", new URL("./odd.py", import.meta.url)],
        options: { what: { type: "string", description: "What it does." } } });`,
    );
    const spec = {
      ...{ name: "odd", dataset: { use: "glyphs", train: 50, test: 20 }, learner: { use: "./odd.mjs", what: "grow" } },
      ...{ stream: { use: "rotated", tasks: 1, examplesPerTask: 20 }, protocol: { budget: { memory: 500e6 } } },
    };
    writeFileSync(join(folder, "spec.json"), JSON.stringify(spec));
    const command = fileURLToPath(new URL("../../cli/bin/everlearn.js", import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, [command, "bench", "spec.json"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stdout + stderr).toMatch(/out of memory|out-of-memory|of memory, of which the suite's budget grants/);
    await wait(200);
    expect(running("odd.py").filter((line) => line.includes("everlearn-memory"))).toEqual([]);
  });

  it("is identified by what its program's file holds", async () => {
    const folder = fileURLToPath(new URL("../../../node_modules/.cache/everlearn-program", import.meta.url));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(fileURLToPath(new URL("./fixtures", import.meta.url)), folder, { recursive: true });
    // In a process of its own, which takes packages as they are built.
    const host = fileURLToPath(new URL("../../host/dist/index.js", import.meta.url));
    const script = `import { resolvePlugin } from ${JSON.stringify(host)};
      console.log((await resolvePlugin("learner", "./er.mjs", [${JSON.stringify(folder)}])).version);`;
    const version = () => execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    const first = version();
    expect(version()).toBe(first);
    writeFileSync(join(folder, "er.py"), `${readFileSync(join(folder, "er.py"), "utf8")}\n# changed\n`);
    expect(version()).not.toBe(first);
  });
});
