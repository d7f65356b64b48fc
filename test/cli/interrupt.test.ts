import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";

const module = new URL("../../packages/cli/dist/interrupt.js", import.meta.url).href;

/** Says where it is, works until it is stopped, and takes a minute to end if it is told to. */
const script = `
  import { interruptible } from ${JSON.stringify(module)};
  import { setTimeout as wait } from "node:timers/promises";
  const end = await interruptible(async (signal) => {
    console.log("working");
    await wait(60_000, undefined, { signal }).catch(() => console.log("stopping"));
    if (process.env.SLOW) await wait(60_000);
    return "ended";
  });
  console.log(end);
  await wait(60_000);
`;

/** Starts the script and sends it a signal each time that it says one of these words. @returns how it ended */
async function interrupted(signal: NodeJS.Signals, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (words.some((word) => text.includes(word))) child.kill(signal);
  });
  const [status, by] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { said: said.trim().split("\n"), status, by };
}

it.concurrent.each(["SIGINT", "SIGTERM"] as const)("the first %s lets work end in order", async (signal) => {
  expect(await interrupted(signal, ["working", "ended"])).toEqual({
    said: ["working", "stopping", "ended"],
    status: null,
    by: signal, // after the work, a signal does again what it does to any process
  });
});

it.concurrent.each(["SIGINT", "SIGTERM"] as const)("the second %s ends the process at once", async (signal) => {
  expect(await interrupted(signal, ["working", "stopping"], { SLOW: "1" })).toEqual({
    said: ["working", "stopping"],
    status: 130,
    by: null,
  });
});
