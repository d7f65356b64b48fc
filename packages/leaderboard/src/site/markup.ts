import { escapeXml } from "../xml.js";

/** A piece of a page as data: what a text says can never become a tag, in a file as in a browser. */
export type Markup = Element | string | number | null | undefined;

/** A mark that only `el` sets, so that JSON that looks like an element is none. */
const made: unique symbol = Symbol("element");

export interface Element {
  readonly [made]: true;
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Markup[];
}

/** The attributes of an element. Undefined, null and false leave an attribute out; true writes its name alone. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** An element; `null` and absent children say nothing. */
export function el(tag: string, attributes: Attributes = {}, ...children: readonly Markup[]): Element {
  return { [made]: true, tag, attributes, children };
}

/** Whether a piece of markup is an element rather than text. */
export function isElement(markup: Markup): markup is Element {
  return typeof markup === "object" && markup !== null && made in markup;
}

const empty = new Set(["br", "col", "input", "link", "meta"]);
/** The elements of pictures that are written as self-closing tags. */
const leaves = new Set(["circle", "path", "rect"]);
/** Matches characters that may have to be escaped: all but printable ones other than & < > " and '. */
const special = /[^ !#-%(-;=?-~\u00A0-\uD7FF]/;

/** Renders markup as HTML. */
export function render(markup: Markup): string {
  if (markup === null || markup === undefined) return "";
  if (!isElement(markup)) return escaped(String(markup));
  const { tag, attributes, children } = markup;
  let text = `<${tag}`;
  for (const name in attributes) {
    const value = attributes[name];
    if (value === true) text += ` ${name}`;
    else if (typeof value === "number") text += ` ${name}="${value}"`;
    else if (typeof value === "string") text += ` ${name}="${escaped(value)}"`;
  }
  if (leaves.has(tag)) return `${text}/>`;
  text += ">";
  if (empty.has(tag)) return text;
  for (const child of children) text += render(child);
  return `${text}</${tag}>`;
}

function escaped(text: string): string {
  return special.test(text) ? escapeXml(text) : text;
}

/** JSON that may stand between script tags. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
