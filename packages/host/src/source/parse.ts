import { createRequire } from "node:module";
import type * as Babel from "@babel/parser";

/** A node of a syntax tree, as Babel makes it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [field: string]: unknown;
}

/** A node and the place that holds it. */
export interface Place {
  readonly node: Node;
  readonly parent?: Place;
}

const load = createRequire(import.meta.url);

const plugins: NonNullable<Babel.ParserOptions["plugins"]> = [
  "decorators",
  "decoratorAutoAccessors",
  "deferredImportEvaluation",
  "explicitResourceManagement",
  "sourcePhaseImports",
];

/**
 * The syntax tree of JavaScript or TypeScript. Whatever the engine may still refuse is taken as it is.
 * @throws SyntaxError where it is neither a module nor a script
 */
export function parse(path: string, code: string, format: "module" | "commonjs" | "either"): Node {
  // Loaded with the first module that is given by a path, which few runs have.
  const babel = load("@babel/parser") as typeof Babel;
  const options: Babel.ParserOptions = {
    attachComment: false,
    errorRecovery: true,
    createImportExpressions: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    allowNewTargetOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowUndeclaredExports: true,
    plugins: [
      ...plugins,
      ...(/\.[cm]?tsx?$/.test(path) ? (["typescript"] as const) : []),
      ...(/\.[jt]sx$/.test(path) ? (["jsx"] as const) : []),
    ],
  };
  const [first, second] = format === "commonjs" ? (["script", "module"] as const) : (["module", "script"] as const);
  try {
    return babel.parse(code, { ...options, sourceType: first }).program as unknown as Node;
  } catch (error) {
    try {
      return babel.parse(code, { ...options, sourceType: second }).program as unknown as Node;
    } catch {
      throw error;
    }
  }
}

/** Every node that is left when types are erased, in the order of the text. */
export function* places(root: Node): Generator<Place> {
  const stack: Place[] = [{ node: root }];
  for (let place = stack.pop(); place; place = stack.pop()) {
    yield place;
    for (const node of childrenOf(place.node).toReversed()) stack.push({ node, parent: place });
  }
}

/** Fields and nodes that hold types alone. */
const typeFields = new Set(["typeAnnotation", "typeParameters", "returnType", "superTypeParameters", "implements"]);
const typeNodes = new Set(["TSInterfaceDeclaration", "TSTypeAliasDeclaration", "TSDeclareFunction", "TSDeclareMethod"]);

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (const [field, value] of Object.entries(node))
    if (!typeFields.has(field))
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
        if (isNode(child) && !typeNodes.has(child.type) && child.declare !== true) children.push(child);
  return children;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Partial<Node>).type === "string";

const typeWrappers = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

/** The expression without what TypeScript says of its type; of `(0, a)`, which stands in compiled code, `a`. */
export function bare(node: unknown): Node | undefined {
  let inner = node;
  for (let next = innerOf(inner); next; next = innerOf(inner)) inner = next;
  return isNode(inner) ? inner : undefined;
}

function innerOf(node: unknown): Node | undefined {
  if (!isNode(node)) return undefined;
  if (typeWrappers.has(node.type)) return node.expression as Node;
  return node.type === "SequenceExpression" ? (node.expressions as Node[]).at(-1) : undefined;
}

/** What an expression is used in, whatever TypeScript says of its type there. */
export function userOf(place: Place): Place | undefined {
  let user = place.parent;
  while (user && bare(user.node) === place.node) user = user.parent;
  return user;
}

/** The text of a string that is written out. */
export function textOf(expression: unknown): string | undefined {
  const node = bare(expression);
  if (node?.type === "StringLiteral") return node.value as string;
  if (node?.type !== "TemplateLiteral" || (node.expressions as Node[]).length > 0) return undefined;
  const [{ value }] = node.quasis as { readonly value: { readonly cooked?: string } }[];
  return value.cooked;
}

export function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node.name === name;
}

/** The name of the member that an expression such as `a.name` or `a["name"]` takes; `undefined` for any other one. */
export function memberOf(node: Node | undefined): string | undefined {
  if (node?.type !== "MemberExpression" && node?.type !== "OptionalMemberExpression") return undefined;
  const property = node.property as Node;
  return node.computed === true ? textOf(property) : (property.name as string | undefined);
}
