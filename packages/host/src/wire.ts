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
  Tracker,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { Container, type ServiceIdentifier } from "inversify";
import { type Cell, make } from "./compose.js";
import { SpecError } from "./error.js";
import { type Chosen, type ChosenParts, needsOf, type Plan } from "./plan.js";

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`everlearn/${name}`);
const randomOf = (kind: Kind) => token<Random>(`random/${kind}`);
const chosenOf = <K extends Kind>(kind: K) => token<Chosen<K>>(`chosen/${kind}`);
const tokens = {
  dataset: token<Dataset>("dataset"),
  stream: token<Stream>("stream"),
  scenario: token<Scenario>("scenario"),
  network: token<Network>("network"),
  buffer: token<Buffer>("buffer"),
  learner: token<Learner>("learner"),
};

type Wired = Pick<
  Cell,
  "stream" | "scenario" | "network" | "learner" | "buffer" | "metrics" | "trackers" | "parts" | "dispose"
>;

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

/** A child of the root for every cell, in which each part exists once. */
export async function wire(plan: Plan, seed: number, directory: string | undefined): Promise<Wired> {
  const cell = new Container({ parent: catalogueOf(plan) });
  const made: Partial<Tracker>[] = []; // in the order in which they were made
  const pending: Promise<unknown>[] = [];

  function part<K extends Kind>(chosen: Chosen<K>, given: Given[K]): Promise<Parts[K]> {
    const making = make(chosen, given, plan.where).then((result) => {
      made.push(result as Partial<Tracker>);
      return result;
    });
    pending.push(making);
    return making;
  }

  async function dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (let last = made.pop(); last; last = made.pop())
      try {
        await last.dispose?.();
      } catch (error) {
        errors.push(error); // the others are let go of all the same
      }
    await cell.unbindAll();
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, "Disposal failed.");
  }

  for (const kind of ["stream", "network", "buffer", "learner"] as const)
    cell.bind(randomOf(kind)).toResolvedValue(() => random(seed, kind)).inSingletonScope();
  cell
    .bind(tokens.stream)
    .toResolvedValue(
      (chosen, dataset, random) => part(chosen, { dataset, random }),
      [chosenOf("stream"), tokens.dataset, randomOf("stream")],
    )
    .inSingletonScope();
  cell
    .bind(tokens.scenario)
    .toResolvedValue((chosen, stream) => part(chosen, { stream }), [chosenOf("scenario"), tokens.stream])
    .inSingletonScope();
  cell
    .bind(tokens.network)
    .toResolvedValue(
      (chosen, { shape }, { outputs }, random) =>
        part(chosen, { inputs: shape.reduce((product, size) => product * size, 1), outputs, random }),
      [chosenOf("network"), tokens.stream, tokens.scenario, randomOf("network")],
    )
    .inSingletonScope();
  cell
    .bind(tokens.buffer)
    .toResolvedValue((chosen, random) => part(chosen, { random }), [chosenOf("buffer"), randomOf("buffer")])
    .inSingletonScope();
  // The buffer's token is optional: where the run has none, its learner is handed none.
  const hasBuffer = plan.parts.buffer !== undefined;
  cell
    .bind(tokens.learner)
    .toResolvedValue(
      (chosen, network, random, buffer) => part(chosen, { network, random, ...(buffer && { buffer }) } as Given["learner"]),
      [
        chosenOf("learner"),
        tokens.network,
        randomOf("learner"),
        { serviceIdentifier: tokens.buffer, optional: true as const },
      ],
    )
    .inSingletonScope();

  try {
    const scenario = await cell.getAsync(tokens.scenario);
    const problems = ungranted(plan.parts, scenario).map((problem) => plan.where + problem);
    if (problems.length > 0) throw new SpecError(problems);
    const learner = await cell.getAsync(tokens.learner);
  } catch (error) {
    await Promise.allSettled(pending); // what is still being made has to be let go of too
    await dispose();
    throw error;
  }
}
