import { SpecError } from "@everlearn/host";
import type { Progress } from "@everlearn/runner";
import { type Answer, type Child, type Death, type Listener, startChild } from "./child.js";
import type { CellRequest, CheckRequest, Planned, PlanRequest, Request } from "./message.js";
import type { Checking, Ending } from "./status.js";

/** How long processes are waited for. */
export interface PoolOptions {
  /** Seconds after which a process that gives no sign of life is given up (1800). */
  readonly patience?: number | undefined;
}

/**
 * Worker processes, each of which runs one cell at a time and then waits, warm, for the next. They are started as they
 * are needed: there are as many as calls that are under way at once.
 */
export interface Pool {
  /** Plans a run in a process of its own, so that no plugin's code is loaded here. @throws SpecError */
  plan(request: PlanRequest, listener?: Listener): Promise<Planned>;
  /**
   * Runs a planned cell, or goes on with it, within the seconds and the memory that its suite grants. It never rejects
   * for what the cell does. A cell that fails in a process which others used before is tried again in a fresh one, so
   * that what they left behind is not held against it.
   */
  run(request: CellRequest, listener?: Listener): Promise<Ending>;
  /** Checks the honesty of a planned run, or goes on with it. It never rejects for what the run does. */
  check(request: CheckRequest, listener?: Listener): Promise<Checking>;
  /** Has all that is under way stop at a checkpoint; what has not after ten seconds is ended. */
  stop(): void;
  /** Ends all processes. */
  close(): Promise<void>;
}

/** We ended it. */
interface Overdue {
  readonly type: "overdue";
  readonly message: string;
}

/** Milliseconds between two looks at the clock; those in which a cell has to stop. */
const LOOK = 100;
const GRACE = 10_000;
/** How often a process is tried to be started: a signal may hit it before it listens. */
const ATTEMPTS = 3;

/** Processes that are started as they are asked for and used again; none is left when it is closed. */
export function createPool({ patience = 1800 }: PoolOptions = {}): Pool {
  const idle: Child[] = [];
  /** With what they are busy. */
  const busy = new Map<Child, Request["type"]>();
  let stopping = false;
  let grace: NodeJS.Timeout | undefined;

  async function take(fresh: boolean): Promise<Child | Death> {
    const warm = fresh ? undefined : idle.pop();
    if (warm) return warm;
    for (let attempt = 1; ; attempt++) {
      const child = await startChild();
      if (child.type === "alive" || attempt === ATTEMPTS) return child;
    }
  }

  async function asked(child: Child, request: Request, seconds: number, listener: Listener): Promise<Answer | Overdue> {
    let overdue: Overdue | undefined;
    let heard = performance.now();
    let deadline = Infinity;
    const clock = setInterval(() => {
      const now = performance.now();
      if (overdue || (now < deadline && now < heard + patience * 1000)) return;
      const message =
        now < deadline
          ? `It gave no sign of life for ${patience} s.`
          : `It took more than the ${seconds} s that the suite's budget grants.`;
      overdue = { type: "overdue", message };
      void child.kill();
    }, LOOK);
    const onProgress = (progress: Progress) => {
      heard = performance.now();
      // Its own clock says how long it has been at it, earlier calls included, ours how long it is from here.
      if (deadline === Infinity) deadline = heard + (seconds - progress.seconds) * 1000;
      listener.onProgress?.(progress);
    };
    const answer = await child.ask(request, { ...listener, onProgress });
    clearInterval(clock);
    return answer.type === "died" && overdue ? overdue : answer;
  }

  async function ask(request: Request, own: boolean, seconds: number, listener: Listener): Promise<Answer | Overdue> {
    for (let fresh = own; ; fresh = true) {
      if (stopping) return { type: "stopped" };
      const child = await take(fresh);
      if (child.type === "died") return child;
      const warm = child.used;
      busy.set(child, request.type);
      const answer = stopping ? ({ type: "stopped" } as const) : await asked(child, request, seconds, listener);
      busy.delete(child);
      if (
        !own &&
        (answer.type === "planned" || answer.type === "refused" || answer.type === "ended" || answer.type === "checked")
      )
        idle.push(child);
      else await child.kill();
      if (!warm || stopping || (answer.type !== "died" && answer.type !== "failed")) return answer;
    }
  }

  return {
    async plan(request, listener = {}) {
      const answer = await ask({ type: "plan", request }, false, Infinity, listener);
      if (answer.type === "planned") return answer.planned;
      if (answer.type === "refused") throw new SpecError(answer.problems);
      const { source, name } = request.spec;
      const who = `${source ? `${source.file}: ` : ""}${name} cannot be planned`;
      throw new SpecError(`${who}: ${stopping ? "it was stopped." : messageOf(answer)}`);
    },
    async run(request, listener = {}) {
      const { seconds = Infinity, memory = null } = request.spec.protocol?.budget ?? {};
      // What others left in its memory would count as its own.
      const answer = await ask({ type: "run", request, memory }, memory !== null, seconds, listener);
      if (answer.type === "ended") return { status: answer.result.status, result: answer.result };
      if (answer.type === "stopped" || stopping) return { status: "stopped" };
      return { status: statusOf(answer), message: messageOf(answer, memory) };
    },
    async check(request, listener = {}) {
      const answer = await ask({ type: "check", request }, false, Infinity, listener);
      if (answer.type === "checked") return { status: "checked", honesty: answer.honesty };
      if (answer.type === "stopped" || stopping) return { status: "stopped" };
      return { status: statusOf(answer), message: messageOf(answer) };
    },
    stop() {
      stopping = true;
      // A plan has nothing to lose.
      for (const [child, type] of busy) if (type === "plan") void child.kill();
      for (const child of busy.keys()) child.stop();
      grace ??= setTimeout(() => busy.forEach((_, child) => void child.kill()), GRACE);
    },
    async close() {
      stopping = true;
      clearTimeout(grace);
      await Promise.all([...idle.splice(0), ...busy.keys()].map((child) => child.kill()));
    },
  };
}

const heap = /heap out of memory|allocation failed/i;

function statusOf(answer: Answer | Overdue): "failed" | "crashed" | "out-of-memory" | "timed-out" {
  if (answer.type === "overdue") return "timed-out";
  if (answer.type === "failed") return answer.outOfMemory ? "out-of-memory" : "failed";
  if (answer.type !== "died") return "failed";
  return answer.memory !== undefined || heap.test(answer.stderr) ? "out-of-memory" : "crashed";
}

function messageOf(answer: Answer | Overdue, granted: number | null = null): string {
  if (answer.type === "overdue" || answer.type === "failed") return answer.message;
  if (answer.type === "refused") return answer.problems.join(" ");
  if (answer.type !== "died") return `It answered "${answer.type}" instead.`;
  const { code, signal, stderr, memory } = answer;
  if (memory !== undefined && granted !== null)
    return `Its process had ${bytes(memory)} of memory, of which the suite's budget grants ${bytes(granted)}.`;
  if (heap.test(stderr))
    return "Its process had no room left on its heap; NODE_OPTIONS=--max-old-space-size=MB grants more.";
  const how = signal === null ? `ended with exit status ${code}` : `was ended by ${signal}`;
  const hint = signal === "SIGKILL" ? ", as the system does where memory runs out" : "";
  const error = /^\w*Error\b.*$/m.exec(stderr)?.[0];
  return `Its process ${how}${hint}${error === undefined ? "" : ` (${error})`}.`;
}

const bytes = (count: number): string => `${count.toLocaleString("en")} bytes`;
