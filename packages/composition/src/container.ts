import "reflect-metadata"; // inversify asks for it
import {
  type Buffer,
  type CreateNetwork,
  type Dataset,
  type Kind,
  type Learner,
  type Metric,
  type Random,
  type Scenario,
  type Size,
  SpecError,
  type Stream,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { Container, type MapToResolvedValueInjectOptions, type ServiceIdentifier } from "inversify";
import type { Course, LearnerSide } from "./cell.js";
import { type Augmented, augment } from "./augment.js";
import { makeChain, ofWrapped } from "./make.js";
import { unmetBackward, unmetNeeds } from "./needs.js";
import { createNetworks, type Networks } from "./networks.js";
import type { LearnerPlan, Plan } from "./plan.js";
import { chainNeeds, type PlannedPart, type PlannedParts } from "./planned-part.js";
import { createWorkshop, randomChain, type Workshop } from "./workshop.js";

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`everlearn/${name}`);
const randomOf = (kind: Kind) => token<Random>(`random/${kind}`);
const plannedAs = <K extends Kind>(kind: K) => token<PlannedPart<K>>(`planned/${kind}`);
const tokens = {
  dataset: token<Dataset>("dataset"),
  stream: token<Stream>("stream"),
  scenario: token<Scenario>("scenario"),
  size: token<Size>("size"),
  networks: token<Networks>("networks"),
  buffer: token<Buffer>("buffer"),
  learner: token<Learner>("learner"),
};

type WiredCourse = Pick<Course, "stream" | "scenario" | "boundaries" | "metrics" | "parts" | "dispose">;

/** A container in which the given parts are bound as planned, and the generators of the given kinds by the seed. */
function containerOf(parts: Partial<PlannedParts>, seed: number, generators: readonly Kind[]): Container {
  const container = new Container();
  const { augmentation: _, metrics: __, trackers: ___, ...single } = parts;
  for (const [kind, part] of Object.entries(single)) container.bind(plannedAs(kind as Kind)).toConstantValue(part);
  for (const kind of generators) bindSingleton(container, randomOf(kind), [], () => random(seed, kind));
  return container;
}

/** Binds a part that is made once from the parts that it asks for. */
function bindSingleton<T, A extends unknown[]>(
  container: Container,
  service: ServiceIdentifier<T>,
  asks: { [I in keyof A]: ServiceIdentifier<A[I]> },
  factory: (...asked: A) => T | Promise<T>,
): void {
  container
    .bind(service)
    .toResolvedValue(factory, asks as MapToResolvedValueInjectOptions<A>)
    .inSingletonScope();
}

/** Makes the stream, the scenario and the metrics of one cell, each once. @throws SpecError where needs are not met */
export async function wireCourse(plan: Plan, seed: number): Promise<WiredCourse> {
  const { parts, where, spec } = plan;
  const workshop = createWorkshop(where);
  const container = containerOf(parts, seed, ["stream"]);
  container.bind(tokens.dataset).toConstantValue(plan.dataset);
  bindSingleton(
    container,
    tokens.stream,
    [plannedAs("stream"), tokens.dataset, randomOf("stream")],
    (planned: PlannedPart<"stream">, dataset: Dataset, random: Random) =>
      randomChain(workshop, planned, random, { dataset }),
  );
  bindSingleton(
    container,
    tokens.scenario,
    [plannedAs("scenario"), tokens.stream],
    async (planned: PlannedPart<"scenario">, stream: Stream) => {
      const links = await makeChain(planned, (one, wrapped) => workshop.link(one, { stream, ...ofWrapped(wrapped) }));
      return links[0];
    },
  );
  return orDispose(container, workshop, async (dispose) => {
    const stream = await container.getAsync(tokens.stream);
    const scenario = await container.getAsync(tokens.scenario);
    refuse([...tooMany(stream), ...unmetNeeds(parts, spec.evaluation, stream, scenario)], where);
    const metrics: Record<string, Metric> = {};
    for (const planned of parts.metrics) {
      const links = await makeChain(planned, (one, wrapped) => workshop.link(one, ofWrapped(wrapped)));
      metrics[planned.plugin.name] = links[0];
    }
    return {
      stream,
      scenario,
      boundaries: tellsBoundaries(parts, stream, scenario),
      metrics,
      parts: { "random-stream": container.get(randomOf("stream")), ...workshop.inner },
      dispose,
    };
  });
}

/** Makes the networks, the buffer and the learner of one cell, each once. @throws SpecError where they do not fit */
export async function wireLearner(plan: LearnerPlan, seed: number, size: Size): Promise<LearnerSide> {
  const { parts, where } = plan;
  const workshop = createWorkshop(where);
  const container = containerOf(parts, seed, ["network", "buffer", "learner"]);
  container.bind(tokens.size).toConstantValue(size);
  const augmentation: Record<string, Random> = {};
  return orDispose(container, workshop, async (dispose) => {
    const made = parts.augmentation.map((planned, i) => {
      const own = (augmentation[`random-augmentation/${i}`] = random(seed, "augmentation").fork(String(i)));
      const { shape, inputs } = size;
      return randomChain(workshop, planned, own, { shape, inputs }, `augmentation/${i}`);
    });
    bindLearner(container, plan, workshop, augment(await Promise.all(made), size));
    const networks = parts.network && (await container.getAsync(tokens.networks));
    refuse(unmetBackward(parts, networks?.first), where);
    const learner = await container.getAsync(tokens.learner);
    const buffer = parts.buffer && (await container.getAsync(tokens.buffer));
    const generators = [...(networks ? ["network"] : []), "learner", ...(buffer ? ["buffer"] : [])] as Kind[];
    return {
      ...(networks && { network: networks.first }),
      learner,
      ...(buffer && { buffer }),
      parts: {
        ...networks?.states(),
        ...(buffer && { buffer }),
        learner,
        ...augmentation,
        ...Object.fromEntries(generators.map((kind) => [`random-${kind}`, container.get(randomOf(kind))])),
        ...workshop.inner,
      },
      gradients: () => networks?.gradients() ?? 0,
      loss: () => networks?.loss(),
      dispose,
    };
  });
}

/** Binds networks, buffer and learner as singletons. */
function bindLearner(
  container: Container,
  { parts, where, folder }: LearnerPlan,
  workshop: Workshop,
  augmented: Augmented,
): void {
  bindSingleton(
    container,
    tokens.networks,
    [plannedAs("network"), tokens.size, randomOf("network")],
    (planned: PlannedPart<"network">, size: Size, random: Random) =>
      createNetworks(workshop.link, { planned, optimizer: parts.optimizer, size, folder, random }),
  );
  bindSingleton(
    container,
    tokens.buffer,
    [plannedAs("buffer"), tokens.size, randomOf("buffer")],
    (planned: PlannedPart<"buffer">, size: Size, random: Random) => randomChain(workshop, planned, random, size),
  );
  bindSingleton(
    container,
    tokens.learner,
    [
      plannedAs("learner"),
      tokens.size,
      randomOf("learner"),
      ...(parts.network ? [tokens.networks] : []),
      ...(parts.buffer ? [tokens.buffer] : []),
    ] as [ServiceIdentifier<PlannedPart<"learner">>, ServiceIdentifier<Size>, ServiceIdentifier<Random>],
    async (planned: PlannedPart<"learner">, size: Size, random: Random, ...asked: unknown[]) => {
      const networks = parts.network && (asked.shift() as Networks);
      const buffer = parts.buffer && (asked.shift() as Buffer);
      const createNetwork: CreateNetwork | undefined = networks?.createNetwork;
      const given = {
        ...size,
        views: augmented.views,
        ...(networks && { network: networks.first, createNetwork }),
        ...(buffer && { buffer: augmented.buffer(buffer) }),
      };
      const learner = await randomChain(workshop, planned, random, given);
      const [late] = networks?.close() ?? [];
      if (late !== undefined)
        throw new SpecError(
          `${where}learner "${planned.plugin.name}": its create does not wait for the network "${late}"; await it.`,
        );
      return augmented.learner(learner);
    },
  );
}

/** Makes something, and where that fails disposes of all that was made for it. @param make receives what disposes of it */
async function orDispose<T>(
  container: Container,
  workshop: Workshop,
  make: (dispose: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const dispose = async (): Promise<void> => {
    await workshop.dispose();
    await container.unbindAllAsync();
  };
  try {
    return await make(dispose);
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Whether a learner is told where tasks end: where its examples carry task labels anyway, or its needs say so. */
function tellsBoundaries(
  { learner }: PlannedParts,
  stream: Stream,
  { taskLabels, boundaries = true }: Scenario,
): boolean {
  return stream.boundaries && boundaries && (taskLabels !== "never" || chainNeeds(learner, "boundaries"));
}

/** The most tasks and experiences that a stream may have: R has a number for each pair. */
const MOST_TASKS = 10_000;

function tooMany({ tasks, experiences }: Stream): string[] {
  return Object.entries({ tasks, experiences })
    .filter(([, count]) => count > MOST_TASKS)
    .map(([what, count]) => `its stream has ${count} ${what}, of which a run may have ${MOST_TASKS}; use fewer.`);
}

/** @throws SpecError where there are problems */
function refuse(problems: readonly string[], where: string): void {
  if (problems.length > 0) throw new SpecError(problems.map((problem) => where + problem));
}
