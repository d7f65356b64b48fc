import { bare, isNamed, memberOf, type Node, type Place, places, textOf, userOf } from "./parse.js";

/** Tells the expressions that are a `require` of the module. */
export type RequireTest = (node: Node | undefined) => boolean;

export const isImportMeta = (node: Node | undefined): boolean =>
  node?.type === "MetaProperty" && isNamed(node.meta, "import");

const metaMember = (node: Node | undefined): string | undefined =>
  isImportMeta(bare(node?.object)) ? memberOf(node) : undefined;

/** `new URL(…, import.meta.url)` */
export function isModuleUrl(node: Node | undefined): boolean {
  if (node?.type !== "NewExpression") return false;
  const callee = bare(node.callee);
  const [, base] = node.arguments as Node[];
  return (isNamed(callee, "URL") || memberOf(callee) === "URL") && metaMember(bare(base)) === "url";
}

/** `createRequire(import.meta.url)`, or of the module's file name. */
function isOwnRequire(node: Node | undefined): boolean {
  if (node?.type !== "CallExpression") return false;
  const callee = bare(node.callee);
  if (!isNamed(callee, "createRequire") && memberOf(callee) !== "createRequire") return false;
  const [given, ...others] = (node.arguments as Node[]).map(bare);
  return others.length === 0 && (isNamed(given, "__filename") || /^(?:url|filename)$/.test(metaMember(given) ?? ""));
}

/** What a module calls `require`: that, and the variables that hold what `createRequire` answers. */
export function namesOfRequire(program: Node): ReadonlySet<string> {
  const names = new Set(["require"]);
  for (const { node } of places(program)) {
    const [target, value] = node.type === "VariableDeclarator" ? [node.id, node.init] : [node.left, node.right];
    const variable = bare(target);
    if (variable?.type === "Identifier" && isOwnRequire(bare(value))) names.add(variable.name as string);
  }
  return names;
}

export function requireTest(names: ReadonlySet<string>): RequireTest {
  return (node) => {
    if (node?.type === "Identifier") return names.has(node.name as string);
    if (memberOf(node) !== "require") return isOwnRequire(node);
    const object = bare(node?.object);
    return isNamed(object, "module") || memberOf(object) === "mainModule" || memberOf(object) === "main";
  };
}

/**
 * The expression that computes a path in which this node takes part, or hands on what can load one; nothing where its
 * use is one that is followed, or a harmless one.
 */
export function computedUse(place: Place, isRequire: RequireTest): Node | undefined {
  return isHarmless(place, isRequire) ? undefined : shown(place);
}

function isHarmless(place: Place, isRequire: RequireTest): boolean {
  const { node } = place;
  if (node.type === "Identifier" && isLabel(place)) return true;
  if (isImportMeta(node)) return isHarmlessMeta(place);
  if (isRequire(node)) return isHarmlessRequire(place);
  if (isNamed(node, "createRequire") || memberOf(node) === "createRequire") return isHarmlessFactory(place);
  return !(isNamed(node, "__dirname") || isNamed(node, "__filename")) || isHarmlessName(place);
}

/** Whether an identifier is no value here: the name of a member, or of a variable that is declared. */
function isLabel({ node, parent }: Place): boolean {
  const { type, computed, property, key, shorthand, id, params } = parent?.node ?? ({} as Partial<Node>);
  if (property === node || key === node) return computed !== true && !isRenamed(parent);
  if (shorthand === true && parent?.parent?.node.type === "ObjectPattern") return true;
  if (type === "ImportSpecifier")
    return !isNamed(parent?.node.imported, "createRequire") || isNamed(parent?.node.local, "createRequire");
  return (
    id === node || (params as Node[] | undefined)?.includes(node) === true || /^Import\w*Specifier$/.test(type ?? "")
  );
}

/** `{ createRequire: other }` in a pattern, after which nothing says what `other` is. */
const isRenamed = (place: Place | undefined): boolean =>
  place?.parent?.node.type === "ObjectPattern" &&
  (isNamed(place.node.key, "createRequire") || isNamed(place.node.key, "require")) &&
  place.node.shorthand !== true;

const isCallOf = (call: Node | undefined, callee: Node): boolean =>
  (call?.type === "CallExpression" || call?.type === "OptionalCallExpression") && bare(call.callee) === callee;

/** Asked for its type, or compared: no path comes of that. */
function isHarmlessName(place: Place): boolean {
  const user = userOf(place);
  const { type, operator } = user?.node ?? ({} as Partial<Node>);
  if (isOwnRequire(user?.node)) return true;
  if (type === "UnaryExpression") return operator === "typeof";
  return type === "BinaryExpression" && /^[!=]==?$/.test(operator as string);
}

function isHarmlessRequire(place: Place): boolean {
  const { node } = place;
  const user = userOf(place);
  if (isCallOf(user?.node, node) || isHarmlessName(place)) return true;
  const member = bare(user?.node.object) === node ? memberOf(user?.node) : undefined;
  if (user && member === "resolve") return isCallOf(userOf(user)?.node, user.node);
  if (member !== undefined) return /^(?:main|cache|extensions)$/.test(member);
  const { type, id, init, left, right, operator } = user?.node ?? ({} as Partial<Node>);
  if (type === "VariableDeclarator")
    return bare(init) === node && isOwnRequire(node) && (id as Node).type === "Identifier";
  return (
    type === "AssignmentExpression" &&
    operator === "=" &&
    isOwnRequire(bare(right)) &&
    bare(left)?.type === "Identifier"
  );
}

function isHarmlessFactory(place: Place): boolean {
  const user = userOf(place);
  return (isOwnRequire(user?.node) && isCallOf(user?.node, place.node)) || isHarmlessName(place);
}

function isHarmlessMeta(place: Place): boolean {
  const member = userOf(place);
  const name = member && bare(member.node.object) === place.node ? memberOf(member.node) : undefined;
  if (!member || name === undefined) return false;
  const user = userOf(member);
  if (name === "resolve") return isCallOf(user?.node, member.node) || isHarmlessName(member);
  if (name === "dirname") return isHarmlessName(member);
  if (name !== "url" && name !== "filename") return true;
  if (user?.node.type === "CallExpression" && isNamed(bare(user.node.callee), "fileURLToPath"))
    return isHarmlessName(user); // is this the module that was started?
  const { type, key, value } = user?.node ?? ({} as Partial<Node>);
  const tellsPlace =
    type === "ObjectProperty" && (isNamed(key, "from") || textOf(key) === "from") && bare(value) === member.node;
  return tellsPlace || isModuleUrl(user?.node) || isHarmlessName(member);
}

/** What is shown of a place: the call that it takes part in, or what it stands in. */
function shown({ node, parent }: Place): Node {
  for (let up = parent; up && !isStatement(up.node); up = up.parent)
    if (/^(?:Optional)?CallExpression$|^NewExpression$/.test(up.node.type)) return up.node;
  return parent && !isStatement(parent.node) ? parent.node : node;
}

const isStatement = ({ type }: Node): boolean => /Statement$|Declaration$|^Program$/.test(type);
