import type { Kind, Need, Network, Scenario, Stream, TaskLabels } from "@everlearn/contracts";
import { chainNeeds, chainOf, needsOf, type PlannedPart, type PlannedParts } from "./planned-part.js";
import type { EvaluationProtocol } from "./spec.js";

/** The needs that a run can meet for each kind of part. "of" can be met for every kind. */
const grantable: Partial<Record<Kind, readonly Need[]>> = {
  learner: ["network", "backward", "buffer", "taskLabels", "testTaskLabels", "boundaries"],
  buffer: ["taskLabels"],
};

const nameOf = ({ plugin }: PlannedPart): string => `${plugin.kind} "${plugin.name}"`;

/** Examples of what a spec may write in `of`, by kind. */
const inner: Partial<Record<Kind, string>> = {
  dataset: '{"use": "mnist"}',
  stream: '{"use": "rotated"}',
  scenario: '{"use": "domain-il"}',
  network: '{"use": "mlp"}',
  optimizer: '{"use": "adam"}',
  augmentation: '{"use": "horizontal-flip"}',
  buffer: '{"use": "reservoir", "capacity": 200}',
  learner: '{"use": "online", "alpha": 0.03}',
};

/** Sentences on parts whose `of` is missing or too many. */
function chainProblems(part: PlannedPart): string[] {
  return chainOf(part).flatMap((link) => {
    const { kind } = link.plugin;
    const made = needsOf(link).includes("of");
    const example = inner[kind] === undefined ? "" : `, such as "of": ${inner[kind]}`;
    if (made && !link.of)
      return [`${nameOf(link)} is made of another ${kind}, but the run names none; add one${example}.`];
    if (!made && link.of)
      return [
        `${nameOf(link)} is not made of another ${kind}, but has one in "of"; remove "of", or use a ${kind} that is.`,
      ];
    return [];
  });
}

/** Sentences on parts that do not go together, whatever stream and scenario turn out to be. */
export function incompatibilities({ augmentation, metrics, trackers, ...single }: PlannedParts): string[] {
  const { learner, buffer, network, optimizer } = single;
  const all = [...Object.values<PlannedPart>(single), ...augmentation, ...metrics, ...trackers];
  const problems = all.flatMap(chainProblems);
  const usesBuffer = chainNeeds(learner, "buffer");
  if (usesBuffer && !buffer)
    problems.push(
      `${nameOf(learner)} needs a buffer, but the run has none; add one, such as "buffer": {"use": "reservoir", "capacity": 200}.`,
    );
  if (!usesBuffer && buffer)
    problems.push(`${nameOf(learner)} uses no buffer, but the run has "${buffer.plugin.name}"; remove the buffer.`);
  const trains = trainsNetwork(learner);
  if (trains && !network)
    problems.push(
      `${nameOf(learner)} trains a network, but the run has none; add one, such as "network": {"use": "mlp", "hidden": [100, 100]}.`,
    );
  for (const part of [network, optimizer])
    if (!trains && part)
      problems.push(
        `${nameOf(learner)} trains no network, but the run has the ${part.plugin.kind} "${part.plugin.name}"; remove it (where a suite shares it, write "${part.plugin.kind}": null).`,
      );
  for (const part of all.flatMap((one) => chainOf(one)))
    for (const need of needsOf(part))
      if (need !== "of" && !grantable[part.plugin.kind]?.includes(need))
        problems.push(`${nameOf(part)} needs "${need}", which no run can grant it.`);
  const names = metrics.map((metric) => metric.plugin.name);
  for (const twice of new Set(names.filter((metric, i) => names.indexOf(metric) < i)))
    problems.push(`metric "${twice}" is listed twice; remove one.`);
  return problems;
}

/** Whether a learner is handed a network. */
export function trainsNetwork(learner: PlannedPart<"learner">): boolean {
  return chainNeeds(learner, "network", "backward");
}

const withBoundaries = 'a stream with task boundaries, such as "rotated".';

/** Sentences on what parts need that this stream and scenario cannot give. */
export function unmetNeeds(
  parts: PlannedParts,
  evaluation: EvaluationProtocol,
  { boundaries }: Stream,
  granted: Scenario,
): string[] {
  const { plugin } = parts.scenario;
  const scenario = `scenario "${plugin.name}"`;
  const stream = nameOf(parts.stream);
  const option = plugin.options.taskLabels;
  const remedy = (labels: TaskLabels) =>
    option?.type === "string" && option.enum?.includes(labels)
      ? `use "task-il", or give "${plugin.name}" the option "taskLabels": "${labels}".`
      : 'use "task-il".';

  const links = [...chainOf(parts.learner), ...(parts.buffer ? chainOf(parts.buffer) : [])] as PlannedPart[];
  const problems = links.flatMap((part) => {
    const needs = needsOf(part);
    const lacks: string[] = [];
    if (needs.includes("taskLabels") && granted.taskLabels === "never")
      lacks.push(`task labels during training, which ${scenario} does not grant; ${remedy("training")}`);
    if (needs.includes("testTaskLabels") && granted.taskLabels !== "always")
      lacks.push(`task labels at test, which ${scenario} does not grant; ${remedy("always")}`);
    if (needs.includes("boundaries") && !boundaries)
      lacks.push(`to be told where a task ends, which ${stream} cannot say; use ${withBoundaries}`);
    else if (needs.includes("boundaries") && granted.boundaries === false)
      lacks.push(
        `to be told where a task ends, which ${scenario} does not grant; give it the option "boundaries": true.`,
      );
    return lacks.map((lack) => `${nameOf(part)} needs ${lack}`);
  });
  if (evaluation.tasks === "current-and-next" && !boundaries)
    problems.push(
      `an evaluation of "current-and-next" tasks needs to know the current one, which ${stream} cannot say; use "all", or ${withBoundaries}`,
    );
  if (evaluation.probe !== undefined && parts.network === undefined)
    problems.push(
      `a probe reads a network's features, but ${nameOf(parts.learner)} has none; leave "probe" out of "evaluation".`,
    );
  if (evaluation.tasks === "none" && evaluation.prequential === undefined)
    problems.push(
      'an evaluation of "none" of the tasks finds nothing; give "evaluation" a "prequential" one beside it, such as {}, or use "all".',
    );
  if (evaluation.tasks === "none" && evaluation.every > 0)
    problems.push('an evaluation of "none" of the tasks has none within experiences; set "every" to 0.');
  return problems;
}

/** Sentences on learners with a loss of their own, where the network cannot propagate its gradient back. */
export function unmetBackward(
  { learner, network: planned }: Pick<PlannedParts, "learner" | "network">,
  network: Network | undefined,
): string[] {
  const which = planned ? nameOf(planned) : "no network";
  return chainOf(learner)
    .filter((part) => needsOf(part).includes("backward") && network?.backward === undefined)
    .map(
      (part) =>
        `${nameOf(part)} needs a network that propagates the gradient of a loss of its own back, which ${which} does not; use one that does, such as "mlp".`,
    );
}
