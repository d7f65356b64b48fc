import { ranges } from "../tables/format.js";
import { plainText } from "../tables/plain-text.js";
import type { CellSummary, TaskClasses } from "../tables/runs.js";
import { el, type Markup } from "./markup.js";
import { distinct } from "./provenance.js";
import { facts } from "./rules.js";

/** A section with the classes of each task, by name where they have one; nothing where no cell recorded any. */
export function classSection(cells: readonly CellSummary[]): Markup[] {
  const found = distinct(cells, ({ classes }) => classes);
  if (found.every(({ value }) => value === null)) return [];
  const one = found.length === 1;
  return [
    el(
      "section",
      {},
      el("h2", {}, "Classes of the tasks"),
      ...found.map(({ value, seeds }) =>
        el(
          "details",
          { open: one && (value?.tasks.length ?? 0) <= 20 },
          el("summary", {}, one ? "At every seed" : `${seeds.length === 1 ? "Seed" : "Seeds"} ${ranges(seeds)}`),
          value === null ? el("p", {}, "not recorded") : classList(value),
        ),
      ),
    ),
  ];
}

function classList({ tasks, names }: TaskClasses): Markup {
  const shown = (c: number): Markup[] => {
    const name = plainText((names[c] ?? "").slice(0, 64));
    return name === "" || name === String(c) ? [String(c)] : [`${c} `, el("bdi", {}, name)];
  };
  return facts(
    ...tasks.map(
      (own, task) => [`task ${task + 1}`, ...own.flatMap((c, i) => [i === 0 ? "" : ", ", ...shown(c)])] as const,
    ),
  );
}
