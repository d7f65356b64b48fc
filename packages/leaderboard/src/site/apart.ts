import { apartColumns, apartHeading, notesOf } from "../tables/apart.js";
import { plural } from "../tables/format.js";
import type { Row, Setting } from "../tables/standings.js";
import { type Element, el, type Markup } from "./markup.js";

/** The block of rows that are not ranked with the others, each with what differs; null where there is none. */
export function apartSection({ apart }: Setting, hrefOf: (row: Row) => string, most: number): Markup {
  if (apart.length === 0) return null;
  const numeric = new Set(["Accuracy %", "Seeds"]);
  return el(
    "div",
    { class: "apart" },
    el("p", {}, el("b", {}, apartHeading), ` (${plural(apart.length, "run")}).`),
    el(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": apartHeading },
      el(
        "table",
        { class: "plain" },
        el(
          "thead",
          {},
          el("tr", {}, ...apartColumns.map(({ title }) => el("th", { scope: "col", class: classOf(title) }, title))),
        ),
        el("tbody", {}, ...apart.slice(0, most).map(tableRow)),
      ),
    ),
    apart.length > most ? el("p", { class: "note" }, `And ${plural(apart.length - most, "more run")}.`) : null,
  );

  function classOf(title: string): string | null {
    return numeric.has(title) ? "num" : null;
  }

  function tableRow(row: Row): Element {
    return el(
      "tr",
      {},
      ...apartColumns.map(({ title, text }) =>
        title === "Learner"
          ? el("th", { scope: "row" }, el("a", { href: hrefOf(row) }, el("bdi", {}, clipped(text(row), 200))))
          : el("td", { class: classOf(title) }, el("bdi", {}, clipped(text(row), 2000))),
      ),
    );
  }
}

/** What readers should know of rows, a line each; null where there is nothing. */
export function notesSection(setting: Setting, most: number): Markup {
  const notes = notesOf(setting);
  if (notes.length === 0) return null;
  const rest = notes.length > most ? [`And ${plural(notes.length - most, "more note")}.`] : [];
  const shown = [...notes.slice(0, most).map((note) => clipped(note, 1000)), ...rest];
  return el("ul", { class: "note" }, ...shown.map((note) => el("li", {}, el("bdi", {}, note))));
}

function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${Array.from(text.slice(0, length)).slice(0, -1).join("")}…`;
}
