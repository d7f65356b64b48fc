import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { type ProgramEnd, sentenceOf } from "./end.js";
import { withoutSecrets } from "./environment.js";
import type { Frame } from "./frame.js";
import type { ThreadData } from "./thread.js";

/** A program that is asked, and waited for. */
export interface Channel {
  /** @throws Error with a sentence that names the program, where it does not answer */
  ask(header: Frame["header"], body?: Uint8Array): Frame;
  /** Ends the program. */
  close(): void;
}

// From the folder of sources too, where tests run: a thread needs what is built.
const thread = new URL("../dist/thread.js", import.meta.url);
const python = fileURLToPath(new URL("../python", import.meta.url));

/** Starts a program. What it writes to standard error goes to ours. */
export function openChannel(command: readonly string[], patience: number): Channel {
  const { port1: port, port2 } = new MessageChannel();
  const posted = new Int32Array(new SharedArrayBuffer(4));
  const env = withoutSecrets(process.env);
  const separator = process.platform === "win32" ? ";" : ":";
  const PYTHONPATH = [python, ...(env.PYTHONPATH ? [env.PYTHONPATH] : [])].join(separator);
  const workerData: ThreadData = {
    ...{ command, patience, port: port2, posted },
    env: { ...env, PYTHONPATH, PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
  };
  const worker = new Worker(thread, { workerData, transferList: [port2], execArgv: [] });
  worker.unref();
  port.unref();
  let failure: string | undefined;
  let heard = 0;
  return {
    ask(header, body = new Uint8Array()) {
      if (failure === undefined) port.postMessage({ header, body });
      // It may have ended before it was asked: the thread says so once.
      while (failure === undefined) {
        Atomics.wait(posted, 0, heard);
        heard++;
        const { message } = receiveMessageOnPort(port) as { message: Frame | ProgramEnd };
        if ("header" in message) return message;
        failure = sentenceOf(message, command, patience);
      }
      throw new Error(failure);
    },
    close() {
      failure ??= `The program "${command.join(" ")}" was ended.`;
      port.postMessage(null); // at once, even where this thread's own loop does not turn for long
      port.close();
    },
  };
}
