import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isKind, pluginProblems } from "@everlearn/composition";
import { type Kind, type Plugin, SpecError } from "@everlearn/contracts";

type Module = Readonly<Record<string, unknown>>;

/**
 * Imports the plugin of a module.
 * @param locate answers the module's URL
 * @param from the package or path that the user wrote
 * @throws SpecError where it cannot be imported, or its default export is no plugin of this kind
 */
export async function load<K extends Kind>(
  kind: K,
  locate: () => string,
  from: string,
): Promise<{ readonly plugin: Plugin<K>; readonly url: string }> {
  let module: Module;
  let url = "";
  try {
    url = locate();
    module = (await import(/* @vite-ignore */ url)) as Module;
  } catch (error) {
    const file = url && relative(process.cwd(), fileURLToPath(url));
    throw new SpecError(`The ${kind} "${from}" cannot be loaded: ${whyNotLoaded(error, file)}.`, { cause: error });
  }
  const plugin = module.default as Partial<Plugin> | null | undefined;
  const problem = whyNoPlugin(module, from);
  if (problem !== undefined) throw new SpecError(problem);
  const wrong = pluginProblems(plugin as object);
  if (wrong.length > 0) throw new SpecError(`The default export of "${from}" is no plugin: ${wrong.join("; ")}.`);
  if (plugin?.kind !== kind)
    throw new SpecError(
      `"${from}" is a ${plugin?.kind}, not a ${kind}; name it in the spec's "${plugin?.kind}", or let its kind be "${kind}".`,
    );
  return { plugin: plugin as Plugin<K>, url };
}

/** Explains in one line why a file could not be loaded, and how to correct it where that is known. */
function whyNotLoaded(error: unknown, file: string): string {
  if (!(error instanceof Error)) return `it threw ${JSON.stringify(error)}`;
  const { code } = error as NodeJS.ErrnoException;
  const [line] = error.message.split("\n");
  const said = line.replace(/\.$/, "");
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[cm]?tsx?"?/.test(said))
    return `Node.js ${process.versions.node} does not run TypeScript; name the JavaScript that it is compiled to`;
  if (/\b(?:module|exports|require) is not defined in ES module scope/.test(said))
    return `it is written as CommonJS (${said.split(" ")[0]}); write import and export, or call the file .cjs`;
  if (error instanceof SyntaxError)
    return /token 'export'|import statement outside/.test(said)
      ? `${said}; write "type": "module" into its package.json, or call the file .mjs`
      : `${said}; "node ${file}" shows the line`;
  if (code === "ERR_MODULE_NOT_FOUND")
    return `${said}; ${said.startsWith("Cannot find package") ? "install that" : "was it built?"}`;
  return said;
}

/** Explains why a module's default export is no plugin; undefined where it may be one. */
function whyNoPlugin(module: Module, from: string): string | undefined {
  const { default: plugin } = module;
  if (plugin === undefined) {
    const [name] = Object.entries(module).find(([, value]) => isKind((value as Partial<Plugin> | null)?.kind)) ?? [];
    const remedy =
      name === undefined
        ? "let it export default { kind, name, contract, description, options, create }"
        : `its export "${name}" looks like the plugin: write export default ${name}`;
    return `"${from}" has no default export; ${remedy}.`;
  }
  if (typeof plugin !== "object" || plugin === null)
    return `The default export of "${from}" is a ${plugin === null ? "null" : typeof plugin}, where a plugin is an object: { kind, name, contract, description, options, create }.`;
  if ("default" in plugin && !("kind" in plugin))
    return `"${from}" is a CommonJS build, in which the default export is one level too deep; build it as an ES module ("type": "module" in package.json, "module": "nodenext" in tsconfig.json).`;
  return undefined;
}
