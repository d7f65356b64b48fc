import { formatPercent, percentNumber } from "../src/percent.js";
import { rowsOf } from "../src/tables/runs.js";
import { type Measured, meanOf, pictures } from "../src/site/pictures.js";
import { el } from "../src/site/markup.js";
import { nodeOf } from "./dom.js";

/** A run's page: pictures of the seed that is chosen, and the number below the pointer. */
const { seeds } = JSON.parse(document.querySelector("#data")?.textContent ?? "") as { seeds: readonly Measured[] };
const whole = meanOf(seeds);
const choices = whole ? [whole, ...seeds] : seeds;
const measured = document.querySelector("#measured");
if (measured) {
  const chosen = measured.querySelector(".chosen");
  const select = nodeOf(
    el("select", { id: "seed" }, ...choices.map(({ name }, i) => el("option", { value: i }, name))),
  ) as HTMLSelectElement;
  chosen?.replaceWith(select);
  const show = () => {
    const choice = choices[Number(select.value)];
    measured.querySelector(".pictures")?.replaceWith(nodeOf(pictures(choice)));
    attend(measured, choice);
  };
  select.addEventListener("change", show);
  attend(measured, choices[0]);
}

/** Says the entry of R that the pointer is on, and shows R as a table where that is asked for. */
function attend(within: Element, { accuracy: matrixOf }: Measured): void {
  const matrix = within.querySelector<SVGSVGElement>(".matrix");
  const reading = within.querySelector<HTMLElement>(".reading");
  if (!matrix || !reading) return;
  const [cell, left, top] = ["cell", "left", "top"].map((name) => Number(matrix.dataset[name]));
  const accuracy = rowsOf(matrixOf);
  const says = (value: number) => (Number.isNaN(value) ? "not evaluated" : formatPercent(value));
  reading.hidden = false;
  reading.textContent = " ";
  matrix.addEventListener("pointermove", ({ clientX, clientY }) => {
    const place = matrix.getScreenCTM()?.inverse();
    if (!place) return;
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(place);
    const [i, j] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)];
    const value = accuracy[i]?.[j];
    reading.textContent = value === undefined ? " " : `after ${i + 1}, on task ${j + 1}: ${says(value)}`;
  });
  const numbers = nodeOf(
    el("details", { class: "numbers" }, el("summary", {}, "R as numbers, in percent")),
  ) as HTMLDetailsElement;
  reading.after(numbers);
  numbers.addEventListener(
    "toggle",
    () =>
      numbers.append(
        nodeOf(
          el(
            "div",
            { class: "scroll", role: "region", tabindex: 0, "aria-label": "R" },
            el(
              "table",
              { class: "plain" },
              el(
                "thead",
                {},
                el(
                  "tr",
                  {},
                  el("th", { scope: "col" }, "after"),
                  ...accuracy[0].map((_, j) => el("th", { scope: "col", class: "num" }, `task ${j + 1}`)),
                ),
              ),
              el(
                "tbody",
                {},
                ...accuracy.map((row, i) =>
                  el(
                    "tr",
                    {},
                    el("th", { scope: "row" }, i + 1),
                    ...row.map((value) => el("td", { class: "num" }, percentNumber(value))),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    { once: true },
  );
}
