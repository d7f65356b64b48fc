import type { TableRow } from "../src/site/columns.js";
import { type Compared, comparison, jointly } from "../src/site/differences.js";
import { el } from "../src/site/markup.js";
import type { ComparisonData } from "../src/site/setting-page.js";
import { nodeOf } from "./dom.js";

export interface Comparison {
  /** Puts these rows into the lists, beside the two that are chosen. */
  offer(rows: readonly TableRow[]): void;
}

/** Two lists of a setting's learners, and below them the difference of those that are chosen. */
export function compareLearners(place: Element, rows: readonly TableRow[], data: ComparisonData): Comparison {
  const places = new Map(rows.map((row, i) => [row, i]));
  const same = new Set(rows.map(({ label }) => label)).size < rows.length;
  const called = ({ label, name }: TableRow) => (same && name !== label ? `${label} (${name})` : label);
  const lists = ["first", "second"].map((id) => nodeOf(el("select", { id })) as HTMLSelectElement);
  const chosen = [0, Math.min(1, rows.length - 1)];
  const result = nodeOf(el("div", { "aria-live": "polite" })) as HTMLElement;

  const learner = (i: number): Compared => ({
    label: rows[i].label,
    rank: rows[i].rank,
    scores: new Map(
      data.scored.flatMap((seed, k) => {
        const score = data.scores[i][k];
        return score === null ? [] : [[seed, score] as const];
      }),
    ),
  });
  const learners = rows.map((_, i) => learner(i));
  const ranked = learners.filter(({ rank }) => rank !== null);
  const family = { ...data, adjusted: jointly(ranked, data.seeds) };
  const show = () => {
    const [a, b] = chosen;
    result.replaceChildren(nodeOf(comparison(learners[a], learners[b], family)));
  };
  lists.forEach((list, k) =>
    list.addEventListener("change", () => {
      chosen[k] = Number(list.value);
      show();
    }),
  );

  const row = nodeOf(el("div", { class: "choice" })) as HTMLElement;
  const label = (id: string, text: string) => nodeOf(el("label", { for: id }, text));
  row.append(label("first", "Compare"), lists[0], label("second", "with"), lists[1]);
  place.replaceChildren(row, result);
  show();
  return {
    offer(shown) {
      lists.forEach((list, k) => {
        const offered = [...new Set([...shown.map((one) => places.get(one) as number), chosen[k]])];
        list.replaceChildren(
          ...offered.map((i) => nodeOf(el("option", { value: i, selected: i === chosen[k] }, called(rows[i])))),
        );
      });
    },
  };
}
