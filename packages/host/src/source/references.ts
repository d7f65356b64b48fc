import { computedUse, isImportMeta, isModuleUrl, namesOfRequire, requireTest } from "./computed.js";
import { bare, isNamed, memberOf, type Node, type Place, places, textOf } from "./parse.js";

/** One file or package that a module names in its source. */
export interface Reference {
  /** By which rules it is found: those of `import`, of `require`, of `new URL(…, import.meta.url)`, or as a path. */
  readonly how: "import" | "require" | "url" | "path";
  readonly specifier: string;
  readonly line: number;
  /** Whether the module cannot be loaded without it. */
  readonly required: boolean;
}

/** A place in a module that leads to files which only running it can tell. */
interface Computed {
  readonly line: number;
  readonly code: string;
}

/** What a module says of other files. */
export interface Reading {
  readonly references: readonly Reference[];
  readonly computed: readonly Computed[];
  /** Whether it lists the files that computed paths lead to: `export const files = […]`. */
  readonly lists: boolean;
}

/** Finds all that leads from a module to other files. */
export function readingOf(program: Node, code: string): Reading {
  const references: Reference[] = [];
  const computed = new Map<number, string>();
  const isRequire = requireTest(namesOfRequire(program));

  function refer(how: Reference["how"], expression: unknown, { node }: Place, required = false): void {
    const specifier = textOf(expression);
    if (specifier === undefined) refuse(node);
    else references.push({ how, specifier, line: node.loc.start.line, required });
  }
  function refuse({ loc, start, end }: Node): void {
    const text = code.slice(start, end).replaceAll(/\s+/g, " ");
    if (!computed.has(loc.start.line)) computed.set(loc.start.line, text.length > 60 ? `${text.slice(0, 60)}…` : text);
  }
  function call(place: Place): void {
    const { node } = place;
    const given = node.arguments as Node[];
    if (isRequire(bare(node.callee))) {
      if (!isFound(given[0])) refer("require", given[0], place);
    } else if (isRequire(resolverOf(node))) refer("require", given[0], place);
    else if (isImportMeta(resolverOf(node))) refer("import", given.length === 1 ? given[0] : undefined, place);
  }
  /** What is found by itself, such as `new URL("./a.js", import.meta.url)`, and is certainly taken for a module then. */
  function isFound(expression: unknown): boolean {
    const node = bare(expression);
    const url = memberOf(node) === "href" ? bare(node?.object) : node;
    if (url && isModuleUrl(url)) return /\.(?:[cm]?[jt]s|json)$/.test(textOf((url.arguments as Node[])[0]) ?? "");
    const resolver = resolverOf(node);
    return isRequire(resolver) || isImportMeta(resolver);
  }

  for (const place of places(program)) {
    const { node } = place;
    if (node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration") {
      if (node.source && !isErased(node)) refer("import", node.source, place, !holdsTypesOnly(node));
    } else if (node.type === "ExportAllDeclaration") {
      if (!isErased(node)) refer("import", node.source, place, true);
    } else if (node.type === "TSExternalModuleReference") refer("require", node.expression, place, true);
    else if (node.type === "ImportExpression") {
      if (!isFound(node.source)) refer("import", node.source, place);
    } else if (node.type === "CallExpression" || node.type === "OptionalCallExpression") call(place);
    else if (isModuleUrl(node)) refer("url", (node.arguments as Node[])[0], place);
    const use = computedUse(place, isRequire);
    if (use) refuse(use);
  }
  const files = listedFiles(program);
  references.push(...(files ?? []));
  return { references, computed: [...computed].map(([line, code]) => ({ line, code })), lists: files !== undefined };
}

/** `a` of a call to `a.resolve`. */
function resolverOf(node: Node | undefined): Node | undefined {
  if (node?.type !== "CallExpression" && node?.type !== "OptionalCallExpression") return undefined;
  const callee = bare(node.callee);
  return memberOf(callee) === "resolve" ? bare(callee?.object) : undefined;
}

const isErased = ({ importKind, exportKind }: Node): boolean => importKind === "type" || exportKind === "type";

/** Some loaders erase such an import, some do not. */
function holdsTypesOnly({ specifiers }: Node): boolean {
  const all = specifiers as Node[];
  return all.length > 0 && all.every(isErased);
}

/** What `export const files = ["./a.json"]` or `exports.files = […]` lists; nothing where that is no list of plain strings. */
function listedFiles({ body }: Node): Reference[] | undefined {
  for (const statement of body as Node[]) {
    const list = bare(listIn(statement));
    if (list?.type !== "ArrayExpression") continue;
    const elements = list.elements as unknown[];
    const texts = elements.map(textOf);
    const line = list.loc.start.line;
    if (texts.every((text) => text !== undefined))
      return texts.map((specifier) => ({ how: "path", specifier, line, required: true }));
  }
  return undefined;
}

function listIn({ type, declaration, expression }: Node): unknown {
  if (type === "ExportNamedDeclaration") {
    const declared = ((declaration as Node | null)?.declarations ?? []) as Node[];
    return declared.find(({ id }) => isNamed(id, "files"))?.init;
  }
  const { type: kind, left, right } = (type === "ExpressionStatement" ? expression : {}) as Partial<Node>;
  const target = kind === "AssignmentExpression" ? (left as Node) : undefined;
  if (memberOf(target) !== "files") return undefined;
  const object = target?.object as Node;
  const exported = isNamed(object, "exports") || (memberOf(object) === "exports" && isNamed(object.object, "module"));
  return exported ? right : undefined;
}
