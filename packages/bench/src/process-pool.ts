import type { Progress } from "@everlearn/runner";
import type { Exit } from "@everlearn/isolation";
import { type Answer, type Child, startChild } from "./child-process.js";
import type { Listener } from "./executor.js";
import type { Task, WorkerPlaces } from "./messages.js";
import type { Timeout } from "./process-end.js";

/** Milliseconds between two looks at the clock, and those that a cell has to stop in. */
const LOOK = 100;
const GRACE = 10_000;
/** The number of attempts to start a process: a signal may hit it before it listens. */
const ATTEMPTS = 3;

/** Answers after which a process may be used again. */
const reusable = new Set<Answer["type"]>(["planned", "refused", "ended", "checked", "learner exited", "locked"]);
/** How many processes may wait for tasks of their groups. */
const MOST_IDLE = 16;

/** The terms on which a task is carried out. */
interface Terms {
  readonly listener: Listener;
  readonly signal?: AbortSignal | undefined;
  /** Seconds that it may take. */
  readonly seconds: number;
  /** A process is used again only for tasks of its group, which trust each other's code. */
  readonly group: string;
  /** Whether it needs a process that is used for nothing else, before or after. */
  readonly fresh?: boolean;
}

/** Worker processes, each of which does one thing at a time and then waits, warm, for the next. */
export interface ProcessPool {
  readonly stopping: boolean;
  /** Has a task done. One whose process dies after others used it is tried again in a fresh one. */
  ask(task: Task, terms: Terms): Promise<Answer | Timeout>;
  /** Stops all tasks under way at checkpoints. Processes that have not stopped after ten seconds are killed. */
  stop(): void;
  /** Ends all processes. */
  close(): Promise<void>;
}

/** Processes are started as they are asked for and used again; none is left when it is closed. */
export function createProcessPool(places: WorkerPlaces, patience: number): ProcessPool {
  const idle: { readonly child: Child; readonly group: string }[] = [];
  /** The processes at work, and the type of their tasks. */
  const busy = new Map<Child, Task["type"]>();
  let stopping = false;
  let grace: NodeJS.Timeout | undefined;

  async function take(group: string, fresh: boolean): Promise<Child | Exit> {
    const place = fresh ? -1 : idle.findLastIndex((one) => one.group === group);
    if (place >= 0) return idle.splice(place, 1)[0].child;
    if (idle.length >= MOST_IDLE) void idle.shift()?.child.kill();
    for (let attempt = 1; ; attempt++) {
      const child = await startChild(places);
      if (child.type === "alive" || attempt === ATTEMPTS) return child;
    }
  }

  async function askOnce(child: Child, task: Task, terms: Terms): Promise<Answer | Timeout> {
    const { listener, seconds, signal } = terms;
    const watch = createDeadline({ patience, seconds, onOverdue: () => void child.kill() });
    let killing: NodeJS.Timeout | undefined;
    const stop = () => {
      child.stop();
      killing = setTimeout(() => void child.kill(), GRACE);
    };
    signal?.addEventListener("abort", stop);
    const onProgress = (progress: Progress) => {
      watch.heard(progress);
      listener.onProgress?.(progress);
    };
    const answer = await child.ask(task, { ...listener, onProgress });
    signal?.removeEventListener("abort", stop);
    clearTimeout(killing);
    const timeout = watch.end();
    return answer.type === "exited" && timeout ? timeout : answer;
  }

  async function ask(task: Task, terms: Terms): Promise<Answer | Timeout> {
    const { group, fresh: alone = false } = terms;
    const isStopped = () => stopping || terms.signal?.aborted === true;
    for (let fresh = alone; ; fresh = true) {
      if (isStopped()) return { type: "stopped" };
      const child = await take(group, fresh);
      if (child.type === "exited") return child;
      if (isStopped()) {
        // It has done nothing, and waits for the next task.
        if (stopping || alone) await child.kill();
        else idle.push({ child, group });
        return { type: "stopped" };
      }
      const warm = child.used;
      busy.set(child, task.type);
      const answer = await askOnce(child, task, terms);
      busy.delete(child);
      if (!alone && reusable.has(answer.type as Answer["type"])) idle.push({ child, group });
      else await child.kill();
      if (!warm || isStopped() || answer.type !== "exited") return answer;
    }
  }

  return {
    get stopping() {
      return stopping;
    },
    ask,
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
      await Promise.all([...idle.splice(0).map(({ child }) => child), ...busy.keys()].map((child) => child.kill()));
    },
  };
}

/** Watches that a task gives signs of life and ends in time. */
function createDeadline({
  patience,
  seconds,
  onOverdue,
}: {
  readonly patience: number;
  readonly seconds: number;
  readonly onOverdue: () => void;
}) {
  let timeout: Timeout | undefined;
  let heard = performance.now();
  let deadline = Infinity;
  const clock = setInterval(() => {
    const now = performance.now();
    if (timeout || (now < deadline && now < heard + patience * 1000)) return;
    const message =
      now < deadline
        ? `It gave no sign of life for ${patience} s.`
        : `It took more than the ${seconds} s that the suite's budget grants.`;
    timeout = { type: "timeout", message };
    onOverdue();
  }, LOOK);
  return {
    heard(progress: Progress): void {
      heard = performance.now();
      // Its own clock says how long it has been at it, earlier calls included, ours how long it is from here.
      if (deadline === Infinity) deadline = heard + (seconds - progress.seconds) * 1000;
    },
    /** Stops watching. @returns why the task was ended, if it was */
    end(): Timeout | undefined {
      clearInterval(clock);
      return timeout;
    },
  };
}
