import "reflect-metadata"; // inversify asks for it
import type {
  Buffer,
  Dataset,
  Given,
  Kind,
  Learner,
  Metric,
  Network,
  Parts,
  Random,
  Scenario,
  Stream,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { Container, type MapToResolvedValueInjectOptions, type ServiceIdentifier } from "inversify";
import { type Chosen, linksOf } from "./chosen.js";
import { type Cell, make } from "./compose.js";
import { type Counted, counted } from "./counted.js";
import { SpecError } from "./error.js";
import { ungranted } from "./needs.js";
import type { Plan } from "./plan.js";
import { checkWhole, prompt } from "./whole.js";

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`everlearn/${name}`);
const randomOf = (kind: Kind) => token<Random>(`random/${kind}`);
const chosenOf = <K extends Kind>(kind: K) => token<Chosen<K>>(`chosen/${kind}`);
const tokens = {
  dataset: token<Dataset>("dataset"),
  stream: token<Stream>("stream"),
  scenario: token<Scenario>("scenario"),
  counted: token<Counted>("counted"),
  network: token<Network>("network"),
  buffer: token<Buffer>("buffer"),
  learner: token<Learner>("learner"),
};

type Wired = Pick<
  Cell,
  "stream" | "scenario" | "network" | "learner" | "buffer" | "metrics" | "parts" | "gradients" | "dispose"
>;

/** What some parts have. */
type Disposable = { dispose?(): void | Promise<void> };

const catalogues = new WeakMap<Plan, Container>();

/** The root: a plan's plugins with their options, and its dataset. */
function catalogueOf(plan: Plan): Container {
  const known = catalogues.get(plan);
  if (known) return known;
  const root = new Container();
  const { metrics: _, trackers: __, ...single } = plan.parts;
  for (const [kind, chosen] of Object.entries(single)) root.bind(chosenOf(kind as Kind)).toConstantValue(chosen);
  root.bind(tokens.dataset).toConstantValue(plan.dataset);
  catalogues.set(plan, root);
  return root;
}

/** A child of the root for every cell, in which each part exists once; it is to be `run`, or made to see whether it can be. */
export async function wire(plan: Plan, seed: number, run: boolean): Promise<Wired> {
  const cell = new Container({ parent: catalogueOf(plan) });
  const made: Disposable[] = []; // in the order in which they were made
  const pending: Promise<unknown>[] = [];

  function part<K extends Kind>(chosen: Chosen<K>, given: Given[K] | Given<never>[K]): Promise<Parts[K]> {
    const making = make(chosen, given, plan.where).then((result) => {
      made.push(result as Disposable);
      if (run) checkWhole(result, chosen.plugin, plan.where);
      return result;
    });
    pending.push(making);
    return making;
  }

  async function dispose(): Promise<void> {
    const errors: unknown[] = [];
    while (made.length > 0)
      try {
        await made.pop()?.dispose?.();
      } catch (error) {
        errors.push(error); // the others are let go of all the same
      }
    await cell.unbindAllAsync();
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, "Disposal failed.");
  }

  /** One part of the cell, made from those that it asks for. */
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
  const wrapping: Record<string, Random> = {};
  single(tokens.stream, [chosenOf("stream"), tokens.dataset, randomOf("stream")], async (chosen, dataset, random) => {
    const [innermost, ...wrappers] = linksOf(chosen).reverse();
    let stream = await part(innermost, { dataset, random });
    let path = "random-stream";
    // Forked from the inside out: what a stream is does not depend on what is made of it.
    for (const wrapper of wrappers) {
      random = random.fork(wrapper.plugin.name);
      path += `/${wrapper.plugin.name}`;
      wrapping[path] = random;
      stream = await part(wrapper, { dataset, random, stream });
    }
    return stream;
  });
  single(tokens.scenario, [chosenOf("scenario"), tokens.stream], (chosen, stream) => part(chosen, { stream }));
  single(
    tokens.counted,
    [chosenOf("network"), tokens.stream, tokens.scenario, randomOf("network")],
    async (chosen, { shape }, { outputs }, random) => {
      const inputs = shape.reduce((product, size) => product * size, 1);
      return counted(await part(chosen, { inputs, shape, outputs, folder: plan.folder, random }));
    },
  );
  single(
    tokens.network,
    [tokens.counted, ...(plan.parts.optimizer ? [chosenOf("optimizer")] : [])],
    ({ network }, ...[optimizer]: Chosen<"optimizer">[]) => (optimizer ? part(optimizer, { network }) : network),
  );
  single(tokens.buffer, [chosenOf("buffer"), randomOf("buffer")], (chosen, random) => part(chosen, { random }));
  single(
    tokens.learner,
    [chosenOf("learner"), tokens.network, randomOf("learner"), ...(plan.parts.buffer ? [tokens.buffer] : [])],
    async (chosen, network, random, ...[buffer]: Buffer[]) =>
      prompt(await part(chosen, { network, random, ...(buffer && { buffer }) }), chosen.plugin, plan.where),
  );

  try {
    const stream = await cell.getAsync(tokens.stream);
    const scenario = await cell.getAsync(tokens.scenario);
    const problems = ungranted(plan.parts, plan.spec.evaluation, stream, scenario).map(
      (problem) => plan.where + problem,
    );
    if (problems.length > 0) throw new SpecError(problems);
    const learner = await cell.getAsync(tokens.learner);
    const network = await cell.getAsync(tokens.network);
    const { gradients, count } = await cell.getAsync(tokens.counted);
    const buffer = plan.parts.buffer && (await cell.getAsync(tokens.buffer));
    const generators = ["stream", "network", "learner", ...(buffer ? (["buffer"] as const) : [])] as const;

    const metrics: Record<string, Metric> = {};
    for (const chosen of plan.parts.metrics) metrics[chosen.plugin.name] = await part(chosen, {});

    return {
      stream,
      scenario,
      network,
      learner,
      ...(buffer && { buffer }),
      metrics,
      parts: {
        network,
        ...(buffer && { buffer }),
        learner,
        gradients: count,
        ...Object.fromEntries(generators.map((kind) => [`random-${kind}`, cell.get(randomOf(kind))])),
        ...wrapping,
      },
      gradients,
      dispose,
    };
  } catch (error) {
    await Promise.allSettled(pending); // what is still being made has to be let go of too
    await dispose();
    throw error;
  }
}
