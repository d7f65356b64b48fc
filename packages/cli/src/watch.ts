import type { Progress } from "@everlearn/runner";
import { err } from "./color.js";

/** Shows the progress of runs: on a terminal one line that is redrawn, elsewhere plain lines. */
export interface Watch {
  show(progress: Progress): void;
  /** Makes room for other output. */
  clear(): void;
}

/** Milliseconds between two plain lines. */
export const PLAIN = 10_000;

export function createWatch(stream: NodeJS.WriteStream): Watch {
  return stream.isTTY ? liveLine(stream) : plainLines(stream);
}

function liveLine(stream: NodeJS.WriteStream): Watch {
  return {
    show(progress) {
      const line = describe(progress);
      const bar = progressBar(progress, 16);
      const text = `${bar} ${line}`.slice(0, stream.columns - 1);
      stream.write(`\r\x1b[2K${err.cyan(text.slice(0, bar.length))}${text.slice(bar.length)}`);
    },
    clear: () => {
      stream.write("\r\x1b[2K");
    },
  };
}

function plainLines(stream: NodeJS.WriteStream): Watch {
  let last = performance.now();
  return {
    show(progress) {
      if (performance.now() - last < PLAIN) return;
      last = performance.now();
      stream.write(`${describe(progress)}\n`);
    },
    clear() {},
  };
}

export function progressBar({ examples, total }: Pick<Progress, "examples" | "total">, width: number): string {
  const full = total > 0 ? Math.floor((width * examples) / total) : width;
  return "█".repeat(full) + "░".repeat(width - full);
}

/** Such as "er seed 0 · task 3/10 · 2,400/10,000 examples · 7,900 examples/s · 9.6 s left". */
export function describe(progress: Progress): string {
  const { name, seed, phase, experience, experiences, unit, examples, total } = progress;
  const { examplesPerSecond, secondsLeft, accuracy } = progress;
  const parts = [
    `${name} seed ${seed}`,
    `${unit} ${experience + 1}/${experiences}`,
    phase === "evaluating" ? "evaluating" : `${examples.toLocaleString("en")}/${total.toLocaleString("en")} examples`,
  ];
  if (examplesPerSecond > 0) parts.push(`${Math.round(examplesPerSecond).toLocaleString("en")} examples/s`);
  if (accuracy !== null) parts.push(`accuracy so far ${(100 * accuracy).toFixed(1)}%`);
  if (secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`);
  return parts.join(" · ");
}

/** 75 → "1 min 15 s" */
export function duration(seconds: number): string {
  const rounded = Math.round(seconds);
  if (rounded < 60) return seconds < 10 ? `${seconds.toFixed(1)} s` : `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`;
}
