import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Course, learnerRecord, type PlanRecord, sizeOf } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import { type LearnerHandle, type Reply, type Request, saveParts, type Usage } from "@everlearn/loop";
import { type Exit, exitOf, passLines } from "./child.js";
import { treeUsage } from "./descendants.js";

import { createFrameParser, createPacker, type Frame, headOf, PROTOCOL, withoutSecrets } from "@everlearn/program";
import { replyIn } from "./messages.js";

/** How a learner's process is started. */
export interface LearnerProcessOptions {
  /** The most bytes of memory that the process may have; absent: no limit. */
  readonly memory?: number | undefined;
  /** Called with each line that the learner's code writes. */
  readonly onOutput?: (line: string) => void;
}

/** A learner's process ended before it had answered. */
export class LearnerExitError extends Error {
  override name = "LearnerExitError";
  readonly exit: Exit;
  constructor(exit: Exit) {
    super("The learner's process ended before it had answered.");
    this.exit = exit;
  }
}

// From the folder of sources too, where tests run: a process needs what is built.
const entry = fileURLToPath(new URL("../dist/process.js", import.meta.url));

/** Whether the system has groups of processes. */
const GROUPS = process.platform !== "win32";

/** Seconds of work that a request of training should take: long beside the two milliseconds of a message, short beside patience. */
const REQUEST = 0.1;
/** Bounds of the training examples in a request, and of their bytes. */
const MOST = { examples: 4096, bytes: 4 * 2 ** 20 };

/**
 * Starts a process for a run's learner, makes it there, and hands out what the loop asks of it. The process receives
 * training examples as they come and queries without answers: neither data set, nor test labels, nor results.
 * @throws SpecError where the learner cannot be made; LearnerExitError where its process ends
 */
export async function startLearner(
  record: PlanRecord,
  course: Course,
  { memory, onOutput }: LearnerProcessOptions = {},
): Promise<LearnerHandle> {
  const child = spawn(process.execPath, [entry], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    env: withoutSecrets(process.env),
    detached: GROUPS, // the leader of a group, so that what it starts ends with it
  });
  const dead = exitOf(child);
  const pipe = child.stdio[3] as Duplex;
  let waiting: { resolve(frame: Frame): void; reject(error: Error): void } | undefined;
  const parse = createFrameParser((frame) => {
    waiting?.resolve(frame);
    waiting = undefined;
  });
  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
  };
  pipe.on("data", (chunk: Buffer) => {
    try {
      parse(chunk);
    } catch (error) {
      fail(error as Error);
      killGroup(child);
    }
  });
  pipe.on("error", () => {}); // it ends with the process
  let exit: Exit | undefined;
  const notice = async () => {
    exit = await dead;
    fail(new LearnerExitError(exit));
  };
  void notice();
  for (const stream of [child.stdout, child.stderr]) if (stream) passLines(stream, (line) => onOutput?.(line));

  function exchange(header: Frame["header"], body: Uint8Array = new Uint8Array()): Promise<Frame> {
    if (exit) return Promise.reject(new LearnerExitError(exit));
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      pipe.cork();
      pipe.write(headOf(header, body.length));
      if (body.length > 0) pipe.write(body);
      pipe.uncork();
    });
  }

  const dispose = async (): Promise<void> => {
    killGroup(child);
    await dead;
  };

  const { seed } = course;
  const { learner } = record.spec;
  const made = { learner, plan: learnerRecord(record), memory: memory ?? null };
  const start = { type: "start", protocol: PROTOCOL, seed, ...sizeOf(course), ...made };
  try {
    const { error } = replyIn((await exchange(start)).header);
    if (error !== undefined) throw new SpecError((error as Error).message, { cause: error });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ...createHandle(course, exchange), usage: () => usageOf(child.pid), dispose };
}

function usageOf(pid: number | undefined): Usage | undefined {
  const usage = pid === undefined ? undefined : treeUsage(pid);
  return usage && { cpuSeconds: usage.cpuSeconds, peakBytes: usage.peakBytes };
}

/** Ends a learner's process and all that it has started. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(GROUPS ? -pid : pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

type Exchange = (header: Frame["header"], body?: Uint8Array) => Promise<Frame>;

/** Puts the loop's requests into frames, and replies together from them. */
function createHandle(course: Course, exchange: Exchange): LearnerHandle {
  const pack = createPacker();
  const inputBytes = course.stream.train(0).input(0).byteLength;
  let ahead = 1;

  async function train(request: Extract<Request, { type: "train" }>): Promise<Reply> {
    const began = performance.now();
    const examples = request.batches.flat();
    const { packed, body } = pack(examples);
    const sizes = request.batches.map((batch) => batch.length);
    const { header } = await exchange({ type: "train", sizes, ...packed }, body);
    const rate = (examples.length * 1000) / (performance.now() - began);
    const most = Math.min(MOST.examples, MOST.bytes / inputBytes);
    ahead = Math.max(1, Math.min(Math.floor(rate * REQUEST), 2 * ahead + 1, most));
    return replyIn(header);
  }

  return {
    async request(request) {
      if (request.type === "train") return train(request);
      if (request.type === "answer") {
        const { packed, body } = pack(request.queries);
        const reply = await exchange({ type: "answer", ...packed }, body);
        return { ...replyIn(reply.header), answers: new Uint16Array(reply.body.buffer) };
      }
      if (request.type === "features") {
        const { packed, body } = pack(request.queries);
        const reply = await exchange({ type: "features", ...packed }, body);
        return { ...replyIn(reply.header), features: new Float32Array(reply.body.buffer) };
      }
      const { header, body } = await exchange({ type: request.type });
      const reply = replyIn(header);
      if (request.type === "endTask" || reply.error !== undefined) return reply;
      // The learner's states stay bytes: what a stranger's process sends is not deserialised here.
      return { ...reply, parts: { ...saveParts(course), "learner process": body } };
    },
    async load({ "learner process": own, ...parts }) {
      for (const [place, state] of Object.entries(parts)) course.parts[place].load(state);
      const { error } = replyIn((await exchange({ type: "load" }, own as Uint8Array)).header);
      if (error !== undefined) throw error;
    },
    async theta() {
      const { header, body } = await exchange({ type: "theta" });
      const { error } = replyIn(header);
      if (error !== undefined) throw error;
      return header.network === true ? new Float32Array(body.buffer) : undefined;
    },
    ahead: {
      examples: () => ahead,
      queries: Math.max(1, Math.floor(Math.min(MOST.examples, MOST.bytes / inputBytes))),
    },
  };
}
