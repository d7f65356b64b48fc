import type { Kind, Need, Scenario, Stream } from "@everlearn/contracts";
import { type Chosen, type ChosenParts, linksOf, needsOf } from "./chosen.js";
import type { Evaluation } from "./spec.js";

/** What a run can grant to parts of a kind; to others nothing. */
const grantable: Partial<Record<Kind, readonly Need[]>> = {
  stream: ["stream"],
  learner: ["buffer", "taskLabels", "testTaskLabels", "boundaries"],
  buffer: ["taskLabels"],
};

const called = ({ plugin }: Chosen): string => `${plugin.kind} "${plugin.name}"`;

/** Sentences on parts that do not go together. */
export function misfits({ metrics, trackers, stream, ...single }: ChosenParts): string[] {
  const problems: string[] = [];
  const { learner, buffer } = single;
  const links = linksOf(stream);
  for (const link of links) {
    const isMade = needsOf(link).includes("stream");
    if (isMade && !link.of)
      problems.push(
        `${called(link)} is made of another stream, but the run names none; add one, such as "of": {"use": "rotated"}.`,
      );
    if (!isMade && link.of)
      problems.push(
        `${called(link)} is not made of another stream, but has one in "of"; take "of" away, or use a stream that is, such as {"use": "blurry", "of": {"use": "rotated"}}.`,
      );
  }
  const usesBuffer = needsOf(learner).includes("buffer");
  if (usesBuffer && !buffer)
    problems.push(
      `${called(learner)} needs a buffer, but the run has none; add one, such as "buffer": {"use": "reservoir", "capacity": 200}.`,
    );
  if (!usesBuffer && buffer)
    problems.push(`${called(learner)} uses no buffer, but the run has "${buffer.plugin.name}"; take the buffer away.`);
  for (const part of [...links, ...Object.values(single), ...metrics, ...trackers])
    for (const need of needsOf(part))
      if (!grantable[part.plugin.kind]?.includes(need))
        problems.push(`${called(part)} needs "${need}", which no run can grant it.`);
  const names = metrics.map((metric) => metric.plugin.name);
  for (const twice of new Set(names.filter((metric, i) => names.indexOf(metric) < i)))
    problems.push(`metric "${twice}" is there twice; keep one.`);
  return problems;
}

/** Sentences on what parts need that this stream and scenario do not say. */
export function ungranted(
  { learner, buffer, ...others }: ChosenParts,
  evaluation: Evaluation,
  { boundaries }: Stream,
  { taskLabels }: Scenario,
): string[] {
  const { name, options } = others.scenario.plugin;
  const scenario = `scenario "${name}"`;
  const stream = called(others.stream);
  const option = options.taskLabels;
  const remedy = (labels: Scenario["taskLabels"]) =>
    option?.type === "string" && option.enum?.includes(labels)
      ? `use "task-il", or give "${name}" the option "taskLabels": "${labels}".`
      : 'use "task-il".';
  const withBoundaries = 'a stream with task boundaries, such as "rotated".';

  const problems = [learner, ...(buffer ? [buffer] : [])].flatMap((part) => {
    const needs = needsOf(part);
    const lacks: string[] = [];
    if (needs.includes("taskLabels") && taskLabels === "never")
      lacks.push(`task labels during training, which ${scenario} does not grant; ${remedy("training")}`);
    if (needs.includes("testTaskLabels") && taskLabels !== "always")
      lacks.push(`task labels at test, which ${scenario} does not grant; ${remedy("always")}`);
    if (needs.includes("boundaries") && !boundaries)
      lacks.push(`to be told where a task ends, which ${stream} cannot say; use ${withBoundaries}`);
    else if (needs.includes("boundaries") && taskLabels === "never" && !needs.includes("taskLabels"))
      lacks.push(`to be told where a task ends, which ${scenario} does not grant; ${remedy("training")}`);
    return lacks.map((lack) => `${called(part)} needs ${lack}`);
  });
  if (evaluation.tasks === "current-and-next" && !boundaries)
    problems.push(
      `an evaluation of "current-and-next" tasks needs to know the current one, which ${stream} cannot say; use "all", or ${withBoundaries}`,
    );
  return problems;
}
