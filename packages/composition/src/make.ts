import type { Complete, Dependencies, Kind, Parts } from "@everlearn/contracts";
import { SpecError } from "@everlearn/contracts";
import { assertComplete, assertPart } from "./complete.js";
import { chainOf, type PlannedPart } from "./planned-part.js";

/** What the language itself throws: an error of these classes does not say which plugin speaks. */
const builtinErrors = new Set<unknown>([
  Error,
  RangeError,
  TypeError,
  ReferenceError,
  SyntaxError,
  EvalError,
  URIError,
]);

/**
 * Makes one part.
 * @throws SpecError that names it where it refuses options that do not fit what is given, by a RangeError, or fails
 */
export async function make<K extends Kind>(
  { plugin, options }: PlannedPart<K>,
  given: object,
  where: string,
): Promise<Parts[K]> {
  let part: Parts[K];
  try {
    part = await plugin.create(options, given as Dependencies<K>);
  } catch (error) {
    const said = error instanceof Error ? error.message : JSON.stringify(error);
    const own = error instanceof Error && !builtinErrors.has(error.constructor);
    if (own || said.startsWith(`${plugin.kind}-${plugin.name}`)) throw error;
    const how = error instanceof RangeError ? "" : " (thrown by its create)";
    throw new SpecError(`${where}${plugin.kind} "${plugin.name}": ${said}${how}`, { cause: error });
  }
  assertPart(part, plugin, where);
  return part;
}

/**
 * Makes a part, after the one that it is made of, and so on: the innermost first, each handed the one before as `of`.
 * @param makeLink makes one link; `wrapped` is what it is made of
 * @returns the links, outermost first
 */
export async function makeChain<K extends Kind>(
  planned: PlannedPart<K>,
  makeLink: (link: PlannedPart<K>, wrapped: Parts[K] | undefined) => Promise<Parts[K]>,
): Promise<Parts[K][]> {
  const links: Parts[K][] = [];
  for (const link of chainOf(planned).reverse()) links.unshift(await makeLink(link, links[0]));
  return links;
}

/** `{ of }` where a part is made of another one; nothing where it is not. */
export const ofWrapped = <K extends Kind>(wrapped: Complete<K> | undefined): { readonly of?: Complete<K> } =>
  wrapped === undefined ? {} : { of: wrapped };

/**
 * Makes a part that needs nothing of a cell, such as a data set, with what it is made of.
 * @param given is handed to each link
 * @returns the links, outermost first
 * @throws SpecError where one of them is refused or not complete
 */
export function makeLinks<K extends "dataset" | "tracker">(
  planned: PlannedPart<K>,
  given: object,
  where: string,
): Promise<Parts[K][]> {
  return makeChain(planned, async (one, wrapped) => {
    const part = await make(one, { ...given, ...ofWrapped(wrapped as Complete<K> | undefined) }, where);
    assertComplete(part, one.plugin, where);
    return part;
  });
}
