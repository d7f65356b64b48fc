import type { TableData, TableRow } from "../src/site/columns.js";
import { firstOrder, matching, ordered, pageSize, pressed } from "../src/site/order.js";
import { tableRows } from "../src/site/standing-table.js";
import { el } from "../src/site/markup.js";
import { nodeOf } from "./dom.js";

export interface Table {
  /** The number of all its rows. */
  readonly size: number;
  /** Shows the rows that match; answers their number. */
  filter(text: string): number;
}

/**
 * Makes the titles of a table buttons that sort it, and shows its rows page by page.
 * @param onShow told which rows are shown now
 */
export function sortable(
  table: HTMLTableElement,
  data: TableData,
  onShow: (rows: readonly TableRow[]) => void = () => {},
): Table {
  const body = table.tBodies[0];
  const titles = [...table.querySelectorAll<HTMLElement>("thead th")];
  let order = firstOrder;
  let text = "";
  let first = 0;

  const pager = nodeOf(
    el(
      "p",
      { class: "pager", hidden: true },
      el("button", { type: "button" }, "← Previous"),
      el("output", { "aria-live": "polite" }),
      el("button", { type: "button" }, "Next →"),
    ),
  ) as HTMLElement;
  table.parentElement?.after(pager);
  const [previous, next] = pager.querySelectorAll("button");
  const place = pager.querySelector("output");

  function show(): number {
    const rows = ordered(matching(data, text), order);
    if (first >= rows.length) first = 0;
    const shown = rows.slice(first, first + pageSize);
    body.replaceChildren(...tableRows(data, shown).map((row) => nodeOf(row)));
    pager.hidden = rows.length <= pageSize;
    previous.disabled = first === 0;
    next.disabled = first + pageSize >= rows.length;
    if (place) place.textContent = `${first + 1}–${first + shown.length} of ${rows.length}`;
    for (const title of titles)
      if (title.dataset.key === order.key)
        title.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
      else title.removeAttribute("aria-sort");
    onShow(shown);
    return rows.length;
  }

  for (const title of titles) {
    const button = nodeOf(el("button", { type: "button" })) as HTMLButtonElement;
    button.append(...title.childNodes);
    if (title.title) {
      button.title = title.title;
      title.removeAttribute("title");
    }
    title.append(button);
    button.addEventListener("click", () => {
      order = pressed(title.dataset.key ?? "", order);
      first = 0;
      show();
    });
  }
  const turn = (by: number) => () => {
    first = Math.max(0, first + by);
    show();
    table.scrollIntoView({ block: "start" });
  };
  previous.addEventListener("click", turn(-pageSize));
  next.addEventListener("click", turn(pageSize));
  if (data.rows.length > pageSize) show();

  return {
    size: data.rows.length,
    filter(wanted) {
      text = wanted;
      first = 0;
      return show();
    },
  };
}
