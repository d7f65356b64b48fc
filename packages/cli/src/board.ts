import type { Overview, Running } from "@everlearn/bench";
import { err } from "./color.js";
import { describe, duration, PLAIN, progressBar } from "./watch.js";

/** Shows the progress of a suite: on a terminal a line for each running cell and one for all, elsewhere plain lines. */
export interface Board {
  show(look: () => Overview): void;
  /** Makes room for other output, until the next `show`. */
  clear(): void;
}

/** Milliseconds between two drawings on a terminal. */
const LIVE = 100;
/** The width of a progress bar, in characters. */
const BAR = 16;
/** The most cells that a plain line names. */
const NAMED = 4;

export function createBoard(stream: NodeJS.WriteStream): Board {
  return stream.isTTY ? liveBoard(stream) : plainLines(stream);
}

function liveBoard(stream: NodeJS.WriteStream): Board {
  let drawn = 0;
  let last = Number.NEGATIVE_INFINITY;
  const erase = () => (drawn === 0 ? "" : `\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ""}\x1b[J`);
  return {
    show(look) {
      if (performance.now() - last < LIVE) return;
      last = performance.now();
      const lines = boardLines(look(), stream.rows - 1);
      const text = lines.map((line) => line.slice(0, stream.columns - 1)).join("\n");
      stream.write(erase() + text.replaceAll(/^[█░]+/gm, (bar) => err.cyan(bar)));
      drawn = lines.length;
    },
    clear() {
      stream.write(erase());
      drawn = 0;
      last = Number.NEGATIVE_INFINITY;
    },
  };
}

function plainLines(stream: NodeJS.WriteStream): Board {
  let last = performance.now();
  return {
    show(look) {
      if (performance.now() - last < PLAIN) return;
      last = performance.now();
      const overview = look();
      stream.write(`${[summaryLine(overview), ...overview.running.slice(0, NAMED).map(percentDone)].join(" · ")}\n`);
    },
    clear() {},
  };
}

/** At most `rows` lines: one for each running cell as far as there is room, then one for all cells. */
export function boardLines(overview: Overview, rows: number): string[] {
  const { running } = overview;
  const room = Math.max(0, rows - 1);
  const visible = running.length > room ? running.slice(0, Math.max(0, room - 1)) : running;
  const more = running.length - visible.length;
  return [...visible.map(cellLine), ...(more > 0 && room > 0 ? [`… and ${more} more`] : []), summaryLine(overview)];
}

function cellLine(cell: Running): string {
  const { progress, trial, canary } = cell;
  if (!progress)
    return `${progressBar({ examples: 0, total: 1 }, BAR)} ${cell.name}${canary ? " checks" : ` seed ${cell.seed}`} · starting`;
  const kind = trial ? "trial of " : canary ? "canary of " : "";
  return `${progressBar(progress, BAR)} ${kind}${describe(progress)}`;
}

function percentDone({ name, seed, progress }: Running): string {
  const done = progress && progress.total > 0 ? progress.examples / progress.total : 0;
  return `${name} seed ${seed} ${Math.floor(100 * done)}%`;
}

export function summaryLine(overview: Overview): string {
  const { planned, runs, cells, ended, unfinished, running, checked, secondsLeft } = overview;
  if (cells === 0) return `${planned} of ${runs} runs planned`;
  const parts = [`${ended} of ${cells} cells ended`];
  if (unfinished > 0) parts.push(`${unfinished} of them unfinished`);
  if (checked) parts.push(`honesty of ${checked.ended} of ${checked.of} runs checked`);
  parts.push(`${running.length} running`);
  if (secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`);
  return parts.join(" · ");
}
