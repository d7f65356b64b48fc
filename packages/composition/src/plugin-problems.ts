import { contractVersion, kinds, type Plugin } from "@everlearn/contracts";
import { isKind, isName } from "./kinds.js";
import { showValue } from "./phrases.js";

/** Lists what is wrong with an object that should be a plugin, each as a part of a sentence. */
export function pluginProblems(plugin: object): string[] {
  const { kind, name, contract, options, needs, create } = plugin as Partial<Record<keyof Plugin, unknown>>;
  const wrong: string[] = [];
  const expect = (right: boolean, field: string, what: string, found: unknown) => {
    if (!right) wrong.push(`its ${field} must be ${what}, but is ${describeFound(found)}`);
  };
  expect(isKind(kind), "kind", `one of ${kinds.join(", ")}`, kind);
  expect(isName(name), "name", "1 to 64 letters a-z, digits and hyphens", name);
  if (contract !== contractVersion) wrong.push(contractProblem(contract));
  if (isObject(options)) wrong.push(...Object.entries(options).flatMap(([key, schema]) => optionProblems(key, schema)));
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

/** Explains why a plugin that was written for other contracts cannot be used, and what to do. */
function contractProblem(contract: unknown): string {
  const here = `the contracts here are version ${contractVersion}`;
  if (typeof contract === "number" && contract > contractVersion)
    return `it is written for version ${contract} of the contracts, but ${here}; update everlearn`;
  const written =
    contract === undefined || contract === 1
      ? "it is written for version 1 of the contracts (it has no contract: 2)"
      : `its contract must be the number ${contractVersion}, but is ${describeFound(contract)}`;
  return `${written}, and ${here}; docs/migrating.md in everlearn's repository says what to change`;
}

function optionProblems(key: string, schema: unknown): string[] {
  if (key === "use" || key === "of")
    return [`no option can be called "${key}", which has a meaning of its own in specs`];
  if (isObject(schema)) return [];
  const hint = key === "type" ? ' (options are listed by name, without "type" and "properties" around them)' : "";
  return [
    `its option "${key}" must be a schema such as {"type": "number", "description": "…"}, but is ${describeFound(schema)}${hint}`,
  ];
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const describeFound = (value: unknown): string => (typeof value === "function" ? "a function" : showValue(value));
