import { SpecError } from "@everlearn/contracts";
import { keywordChecker } from "./keyword-checker.js";
import { createOptionsCheck } from "./options.js";
import type { PlanContext } from "./plan.js";
import type { FoundPlugin } from "./planned-part.js";
import { suggestion } from "./suggestion.js";

/**
 * Creates a context for planning with the given plugins, such as those that a page imports. No folder is searched, and
 * no code is generated to check options.
 */
export function createContext(plugins: readonly FoundPlugin[]): PlanContext {
  return {
    find: async (kind, use) => {
      const own = plugins.filter(({ plugin }) => plugin.kind === kind);
      const found = own.find((one) => one.package === use || one.plugin.name === use);
      if (found) return found as FoundPlugin<typeof kind>;
      const names = own.map(({ plugin }) => plugin.name);
      throw new SpecError(`There is no ${kind} ${JSON.stringify(use)}${suggestion(use, names, `The ${kind}s here`)}`);
    },
    checkOptions: createOptionsCheck(keywordChecker),
    folder: ".",
    version(file) {
      throw new RangeError(`"${file}" cannot be read here: only plugins that are at hand can be used.`);
    },
  };
}
