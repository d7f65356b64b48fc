import { isKind } from "@everlearn/composition";
import { type Kind, kinds } from "@everlearn/contracts";
import { Failure } from "./failure.js";

/** A kind of plugin by its name. @throws Failure where there is no such kind */
export function kindOf(name: string): Kind {
  if (!isKind(name))
    throw new Failure(`There is no kind of plugin called "${name}"; the kinds are ${kinds.join(", ")}.`);
  return name;
}
