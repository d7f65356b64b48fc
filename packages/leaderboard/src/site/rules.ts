import type { Protocol, Search } from "@everlearn/records";
import { bytes, count, duration, plural, points, ranges } from "../tables/format.js";
import { authorityOf } from "../tables/apart.js";
import type { Suite } from "../tables/standings.js";
import { type Element, el, type Markup } from "./markup.js";

/** A list of terms and their descriptions. */
export function facts(...pairs: readonly (readonly [term: Markup, ...said: Markup[]])[]): Element {
  return el(
    "dl",
    { class: "facts" },
    ...pairs.map(([term, ...said]) => el("div", {}, el("dt", {}, term), el("dd", {}, ...said))),
  );
}

/** The rules of a suite, and what its receipts leave open. */
export function rulesOf(suite: Suite): Element {
  const { name, protocol } = suite;
  const { track, minimumEffect, budget = {}, tuning } = protocol;
  const limits = [
    ...(budget.gradientsPerExample === undefined ? [] : [`${budget.gradientsPerExample} gradients an example`]),
    ...(budget.bytes === undefined ? [] : [bytes(budget.bytes)]),
    ...(budget.seconds === undefined ? [] : [duration(budget.seconds)]),
    ...(budget.memory === undefined ? [] : [`${bytes(budget.memory)} of memory`]),
  ];
  return facts(
    ...(name === null
      ? [["suite", "not recorded; runs on equal data and streams are put together"] as const]
      : [["suite", el("bdi", {}, name)] as const]),
    ["rules", authorityOf(suite)],
    [
      "track",
      track === "closed"
        ? "closed: in a setting all is the same but learner and buffer"
        : track === "open"
          ? "open: network, optimizer, augmentation and batch size are free"
          : "not recorded",
    ],
    ["minimum effect", minimumEffect === undefined ? "none" : `${points(minimumEffect)} points`],
    ["budget of a cell", limits.join(", ") || "none"],
    ["options", tuned(tuning)],
  );
}

/** On what a search's trials are scored. */
function trialData({ validation, firstTasks }: Search): string {
  const scored =
    validation === undefined ? "scored on test examples" : `scored on ${points(validation)}% of the training examples`;
  return firstTasks === undefined
    ? scored
    : `${scored} of the first ${plural(firstTasks, "task")}, which no official run has`;
}

function tuned(tuning: Protocol["tuning"]): Markup {
  if (tuning === undefined) return "how they were chosen is not recorded";
  if (tuning.protocol === "none") return "not tuned";
  if (tuning.protocol === "published") return el("span", {}, "as published: ", el("bdi", {}, tuning.source));
  if (tuning.protocol === "search")
    return `searched: at most ${count(tuning.trials)} trials, on seeds ${ranges(tuning.seeds)}, ${trialData(tuning)}`;
  return "how they were chosen is not recorded";
}
