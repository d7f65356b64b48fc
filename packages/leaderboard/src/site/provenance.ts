import type { ReceiptPlugin } from "@everlearn/records";
import { edgeText, optionsText, winnerOf } from "../suites/winner.js";
import { byText, count, plural, points, ranges } from "../tables/format.js";
import type { CellSummary, Run } from "../tables/runs.js";
import { type Element, el, type Markup } from "./markup.js";
import { facts } from "./rules.js";

const missing = "not recorded";

/** The commands that give the same bits again. */
export function again({ name, cells }: Run): Markup[] {
  const spec = quoted(`${name}.json`);
  const linked = cells.find(({ receipt }) => receipt !== null);
  const lines = [
    `npx everlearn run ${spec} --seed ${cells[0].seed}`,
    ...(linked?.receipt ? [`npx everlearn verify ${quoted(linked.receipt)}`] : []),
  ];
  return [
    el(
      "p",
      {},
      "Save the spec below as ",
      el("code", {}, `${name}.json`),
      linked ? "; the second command, in this site’s folder, runs a receipt’s cell and compares." : ".",
      " The same cell gives the same digest on every machine.",
    ),
    el("pre", { tabindex: 0, "aria-label": "Commands" }, lines.join("\n")),
  ];
}

/** Quotes a text as one word of a shell that is no option. */
export function quoted(text: string): string {
  const word = text.startsWith("-") ? `./${text}` : text;
  const printable = word.replace(/\p{Cc}/gu, "\uFFFD");
  return /^[\w./-]+$/.test(printable) ? printable : `'${printable.replaceAll("'", "'\\''")}'`;
}

/** Plugins with versions, data, machines: each with the seeds that it holds for, where they differ. */
export function provenance({ specId, cells, tuned }: Run): Element {
  const each = <T>(of: (cell: CellSummary) => T | null | undefined, say: (value: T) => Markup): Markup[] =>
    distinct(cells, of).map(({ value, seeds }, _, { length }) =>
      el(
        "div",
        {},
        value === null ? missing : say(value),
        length > 1 ? el("small", {}, ` seeds ${ranges(seeds)}`) : null,
      ),
    );
  const code = (text: string) => el("code", {}, text);
  return facts(
    ["spec", code(specId)],
    ...searched(tuned),
    ["plugins", ...each(({ plugins }) => plugins, pluginList)],
    ["data set’s checksum", ...each(({ checksum }) => checksum, code)],
    ["source’s commit", ...each(({ commit }) => commit, code)],
    [
      "environment",
      ...each(
        ({ environment }) => environment,
        (environment) =>
          el(
            "bdi",
            {},
            Object.entries(environment)
              .sort(([a], [b]) => byText(a, b))
              .map(([name, value]) => `${name} ${value}`)
              .join(", ") || missing,
          ),
      ),
    ],
    ["training examples", ...each(({ examples }) => examples, count)],
    [
      "task labels handed out",
      ...each(
        ({ taskLabels }) => taskLabels,
        ({ training, test, boundaries }) =>
          `${count(training)} in training, ${count(test)} at test, told of ${plural(boundaries, "task end")}`,
      ),
    ],
  );
}

/** What a search chose, and where the best may lie beyond what was tried. */
function searched(tuned: Run["tuned"]): [Markup, ...Markup[]][] {
  const winner = tuned && winnerOf(tuned);
  if (!winner) return [];
  const said = `${optionsText(winner.options)}: ${points(winner.mean)}% in ${plural(tuned.points.length, "point")}’s trials`;
  const warnings = winner.edges.map((edge) => el("div", { class: "warning" }, el("bdi", {}, edgeText(edge))));
  return [["chosen by its search", el("bdi", {}, said), ...warnings]];
}

function pluginList(plugins: Readonly<Record<string, ReceiptPlugin>>): Element {
  return el(
    "ul",
    {},
    ...Object.entries(plugins)
      .sort(([a], [b]) => byText(a, b))
      .map(([place, { package: from, version }]) =>
        el("li", {}, el("bdi", {}, `${place}: `), el("code", {}, `${from}@${version}`)),
      ),
  );
}

/** The distinct values, each with its seeds. */
export function distinct<T>(
  cells: readonly CellSummary[],
  of: (cell: CellSummary) => T | null | undefined,
): { value: T | null; seeds: number[] }[] {
  const found = new Map<T | null, number[]>();
  for (const cell of cells) {
    const value = of(cell) ?? null;
    const seeds = found.get(value);
    if (seeds) seeds.push(cell.seed);
    else found.set(value, [cell.seed]);
  }
  return Array.from(found, ([value, seeds]) => ({ value, seeds }));
}
