import type { Complete, Kind, Learner, Parts, Random, Stateful } from "@everlearn/contracts";
import { assertComplete, rejectPromises } from "./complete.js";
import { make, makeChain, ofWrapped } from "./make.js";
import type { PlannedPart } from "./planned-part.js";

/** Makes the parts of one cell, and disposes of them. */
export interface Workshop {
  /** Makes one link of a part's chain, complete. */
  readonly link: <K extends Kind>(planned: PlannedPart<K>, given: object) => Promise<Parts[K]>;
  /** The states of parts within chains, and the generators of the parts around them, by their places. */
  readonly inner: Record<string, Stateful>;
  /** Waits for what is still being made, then disposes of everything, the last made first. */
  readonly dispose: () => Promise<void>;
}

/** @param where the beginning of error messages about the run */
export function createWorkshop(where: string): Workshop {
  const made: { dispose?(): void | Promise<void> }[] = []; // in the order in which they were made
  const pending: Promise<unknown>[] = [];
  let closed = false;
  return {
    inner: {},
    link(planned, given) {
      if (closed) throw new Error("The cell has been disposed of; nothing more can be made for it.");
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
 * Makes a chain of parts, each with a generator of its own. The generators are forked from the inside out, so that a
 * part does not depend on what is made of it.
 * @param place of the chain in the spec, after which the states of its generators are named
 */
export async function randomChain<K extends "stream" | "augmentation" | "buffer" | "learner">(
  { link, inner }: Workshop,
  planned: PlannedPart<K>,
  generator: Random,
  given: object,
  place: string = planned.plugin.kind,
): Promise<Parts[K]> {
  const { kind } = planned.plugin;
  let path = `random-${place}`;
  let own = generator;
  const links = await makeChain(planned, (one, wrapped) => {
    if (wrapped !== undefined) {
      own = own.fork(one.plugin.name);
      path += `/${one.plugin.name}`;
      inner[path] = own;
    }
    return link(one, { ...given, random: own, ...ofWrapped(wrapped as Complete<K> | undefined) });
  });
  if (kind !== "stream" && kind !== "augmentation")
    for (const [depth, part] of links.slice(1).entries()) inner[`${kind}${"/of".repeat(depth + 1)}`] = part as Stateful;
  return links[0];
}
