import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kind, Plugin } from "@everlearn/contracts";
import { SpecError } from "./error.js";
import { isKind, isName, kinds } from "./kinds.js";

type Module = Readonly<Record<string, unknown>>;

/**
 * Imports the plugin of a module.
 * @param locate answers the module's URL
 * @param from the package or path that the user wrote
 * @throws SpecError where it cannot be imported, or its default export is no plugin of this kind
 */
export async function load<K extends Kind>(kind: K, locate: () => string, from: string): Promise<Plugin<K>> {
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
  const wrong = whyWrong(plugin as object);
  if (wrong.length > 0) throw new SpecError(`The default export of "${from}" is no plugin: ${wrong.join("; ")}.`);
  if (plugin?.kind !== kind)
    throw new SpecError(
      `"${from}" is a ${plugin?.kind}, not a ${kind}; name it in the spec's "${plugin?.kind}", or let its kind be "${kind}".`,
    );
  return plugin as Plugin<K>;
}

/** What the engine says of a file, in one line without its full stop, and what mends it where that is known. */
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

/** What is wrong with a module that has no object as its default export, or not as its only one. */
function whyNoPlugin(module: Module, from: string): string | undefined {
  const { default: plugin } = module;
  if (plugin === undefined) {
    const [name] = Object.entries(module).find(([, value]) => isKind((value as Partial<Plugin> | null)?.kind)) ?? [];
    const remedy =
      name === undefined
        ? "let it export default { kind, name, description, options, create }"
        : `its export "${name}" looks like the plugin: write export default ${name}`;
    return `"${from}" has no default export; ${remedy}.`;
  }
  if (typeof plugin !== "object" || plugin === null)
    return `The default export of "${from}" is a ${plugin === null ? "null" : typeof plugin}, where a plugin is an object: { kind, name, description, options, create }.`;
  if ("default" in plugin && !("kind" in plugin))
    return `"${from}" is a CommonJS build, in which the default export is one level too deep; build it as an ES module ("type": "module" in package.json, "module": "nodenext" in tsconfig.json).`;
  return undefined;
}

/** What of an object is no plugin's, each the part of a sentence. */
export function whyWrong(plugin: object): string[] {
  const { kind, name, options, needs, create } = plugin as Partial<Record<keyof Plugin, unknown>>;
  const wrong: string[] = [];
  const expect = (right: boolean, field: string, what: string, found: unknown) => {
    if (!right) wrong.push(`its ${field} must be ${what}, but is ${shown(found)}`);
  };
  expect(isKind(kind), "kind", `one of ${kinds.join(", ")}`, kind);
  expect(isName(name), "name", "1 to 64 letters a-z, digits and hyphens", name);
  if (isObject(options))
    wrong.push(...Object.entries(options).flatMap(([key, schema]) => whyNoOption(key, schema, kind)));
  else expect(false, "options", "an object with a schema for each option ({} for none)", options);
  expect(
    needs === undefined || Array.isArray(needs) || typeof needs === "function",
    "needs",
    "a list or a function",
    needs,
  );
  expect(typeof create === "function", "create", "a function", create);
  return wrong;
}

function whyNoOption(key: string, schema: unknown, kind: unknown): string[] {
  if (key === "use" || (key === "of" && kind === "stream"))
    return [`no option can be called "${key}", which has a meaning of its own in specs`];
  if (isObject(schema)) return [];
  const whole = key === "type" ? ' (options are listed by name, without "type" and "properties" around them)' : "";
  return [
    `its option "${key}" must be a schema such as {"type": "number", "description": "…"}, but is ${shown(schema)}${whole}`,
  ];
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
