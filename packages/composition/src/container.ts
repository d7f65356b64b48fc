import "reflect-metadata"; // inversify asks for it
import {
  type Buffer,
  type Complete,
  type CreateNetwork,
  type Dataset,
  type Kind,
  type Learner,
  type Metric,
  type Parts,
  type Random,
  type Scenario,
  type Size,
  SpecError,
  type Stateful,
  type Stream,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { Container, type MapToResolvedValueInjectOptions, type ServiceIdentifier } from "inversify";
import type { Cell } from "./cell.js";
import { assertComplete, rejectPromises } from "./complete.js";
import { make, makeChain, ofWrapped } from "./make.js";
import { unmetBackward, unmetNeeds } from "./needs.js";
import { createNetworks, type Networks } from "./networks.js";
import type { Plan } from "./plan.js";
import { chainNeeds, type PlannedPart, type PlannedParts } from "./planned-part.js";

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

type Wired = Pick<
  Cell,
  | "stream"
  | "scenario"
  | "boundaries"
  | "network"
  | "learner"
  | "buffer"
  | "metrics"
  | "parts"
  | "gradients"
  | "loss"
  | "dispose"
>;

const catalogues = new WeakMap<Plan, Container>();

/** The root: a plan's plugins with their options, and its dataset. */
function catalogueOf(plan: Plan): Container {
  const known = catalogues.get(plan);
  if (known) return known;
  const root = new Container();
  const { metrics: _, trackers: __, ...single } = plan.parts;
  for (const [kind, part] of Object.entries(single)) root.bind(plannedAs(kind as Kind)).toConstantValue(part);
  root.bind(tokens.dataset).toConstantValue(plan.dataset);
  catalogues.set(plan, root);
  return root;
}

/** Everything that has been made for one cell, and how it is let go of. */
interface Workshop {
  /** Makes one link of a part's chain, complete. */
  readonly link: <K extends Kind>(planned: PlannedPart<K>, given: object) => Promise<Parts[K]>;
  /** States of what lies within chains, and generators of wrappers. */
  readonly inner: Record<string, Stateful>;
  /** Waits for what is still being made, then disposes of everything, the last made first. */
  readonly dispose: () => Promise<void>;
}

function createWorkshop({ where }: Plan): Workshop {
  const made: { dispose?(): void | Promise<void> }[] = []; // in the order in which they were made
  const pending: Promise<unknown>[] = [];
  let closed = false;
  return {
    inner: {},
    link(planned, given) {
      if (closed) throw new Error("The cell was let go of; nothing more is made for it.");
      const making = make(planned, given, where).then((part) => {
        made.push(part as (typeof made)[number]);
        assertComplete(part, planned.plugin, where);
        if (planned.plugin.kind !== "learner") return part;
        return rejectPromises(part as Learner, planned.plugin, where) as typeof part;
      });
      pending.push(making);
      return making;
    },
    async dispose() {
      closed = true;
      await Promise.allSettled(pending);
      const errors: unknown[] = [];
      while (made.length > 0)
        try {
          await made.pop()?.dispose?.();
        } catch (error) {
          errors.push(error); // the others are let go of all the same
        }
      if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, "Disposal failed.");
    },
  };
}

/**
 * Makes a chain whose links have a generator each. They are forked from the inside out: what a part is does not depend on
 * what is made of it.
 */
async function randomChain<K extends "stream" | "buffer" | "learner">(
  { link, inner }: Workshop,
  planned: PlannedPart<K>,
  generator: Random,
  given: object,
): Promise<Parts[K]> {
  const { kind } = planned.plugin;
  let path = `random-${kind}`;
  let own = generator;
  const links = await makeChain(planned, (one, wrapped) => {
    if (wrapped !== undefined) {
      own = own.fork(one.plugin.name);
      path += `/${one.plugin.name}`;
      inner[path] = own;
    }
    return link(one, { ...given, random: own, ...ofWrapped(wrapped as Complete<K> | undefined) });
  });
  if (kind !== "stream")
    for (const [depth, part] of links.slice(1).entries()) inner[`${kind}${"/of".repeat(depth + 1)}`] = part as Stateful;
  return links[0];
}

/** Binds each part of a cell as a singleton that is made from those that it asks for. */
function bindParts(cell: Container, plan: Plan, seed: number, workshop: Workshop): void {
  const { parts, where } = plan;

  function single<T, A extends unknown[]>(
    service: ServiceIdentifier<T>,
    asks: { [I in keyof A]: ServiceIdentifier<A[I]> },
    factory: (...asked: A) => T | Promise<T>,
  ): void {
    cell
      .bind(service)
      .toResolvedValue(factory, asks as MapToResolvedValueInjectOptions<A>)
      .inSingletonScope();
  }

  for (const kind of ["stream", "network", "buffer", "learner"] as const)
    single(randomOf(kind), [], () => random(seed, kind));
  single(tokens.stream, [plannedAs("stream"), tokens.dataset, randomOf("stream")], (planned, dataset, random) =>
    randomChain(workshop, planned, random, { dataset }),
  );
  single(tokens.scenario, [plannedAs("scenario"), tokens.stream], async (planned, stream) => {
    const links = await makeChain(planned, (one, wrapped) => workshop.link(one, { stream, ...ofWrapped(wrapped) }));
    return links[0];
  });
  single(tokens.size, [tokens.stream, tokens.scenario], ({ shape }, { outputs }) => sizeOf(shape, outputs));
  single(tokens.networks, [plannedAs("network"), tokens.size, randomOf("network")], (planned, size, random) =>
    createNetworks(workshop.link, { planned, optimizer: parts.optimizer, size, folder: plan.folder, random }),
  );
  single(tokens.buffer, [plannedAs("buffer"), tokens.size, randomOf("buffer")], (planned, size, random) =>
    randomChain(workshop, planned, random, size),
  );
  single(
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
      const given = { ...size, ...(networks && { network: networks.first, createNetwork }), ...(buffer && { buffer }) };
      const learner = await randomChain(workshop, planned, random, given);
      const [late] = networks?.close() ?? [];
      if (late !== undefined)
        throw new SpecError(
          `${where}learner "${planned.plugin.name}": its create does not wait for the network "${late}"; await it.`,
        );
      return learner;
    },
  );
}

function sizeOf(shape: readonly number[], outputs: number): Size {
  return { shape, inputs: shape.reduce((product, side) => product * side, 1), outputs };
}

/** Whether a learner is told where tasks end: its examples say so anyway, or it needs to know. */
function tellsBoundaries(
  { learner }: PlannedParts,
  stream: Stream,
  { taskLabels, boundaries = true }: Scenario,
): boolean {
  return stream.boundaries && boundaries && (taskLabels !== "never" || chainNeeds(learner, "boundaries"));
}

/** @throws SpecError where there are problems */
function refuse(problems: readonly string[], { where }: Plan): void {
  if (problems.length > 0) throw new SpecError(problems.map((problem) => where + problem));
}

/** Makes all parts of a cell, each once, in a child of its plan's container. */
export async function wire(plan: Plan, seed: number): Promise<Wired> {
  const cell = new Container({ parent: catalogueOf(plan) });
  const workshop = createWorkshop(plan);
  const { parts } = plan;
  bindParts(cell, plan, seed, workshop);

  async function dispose(): Promise<void> {
    await workshop.dispose();
    await cell.unbindAllAsync();
  }

  try {
    const stream = await cell.getAsync(tokens.stream);
    const scenario = await cell.getAsync(tokens.scenario);
    refuse(unmetNeeds(parts, plan.spec.evaluation, stream, scenario), plan);
    const networks = parts.network && (await cell.getAsync(tokens.networks));
    refuse(unmetBackward(parts, networks?.first), plan);
    const learner = await cell.getAsync(tokens.learner);
    const buffer = parts.buffer && (await cell.getAsync(tokens.buffer));
    const metrics: Record<string, Metric> = {};
    for (const planned of parts.metrics) {
      const links = await makeChain(planned, (one, wrapped) => workshop.link(one, ofWrapped(wrapped)));
      metrics[planned.plugin.name] = links[0];
    }
    const generators = ["stream", ...(networks ? ["network"] : []), "learner", ...(buffer ? ["buffer"] : [])] as Kind[];
    return {
      stream,
      scenario,
      boundaries: tellsBoundaries(parts, stream, scenario),
      ...(networks && { network: networks.first }),
      learner,
      ...(buffer && { buffer }),
      metrics,
      parts: {
        ...networks?.states(),
        ...(buffer && { buffer }),
        learner,
        ...Object.fromEntries(generators.map((kind) => [`random-${kind}`, cell.get(randomOf(kind))])),
        ...workshop.inner,
      },
      gradients: () => networks?.gradients() ?? 0,
      loss: () => networks?.loss(),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
