import { isElement, type Markup } from "../src/site/markup.js";

const svg = "http://www.w3.org/2000/svg";
const html = "http://www.w3.org/1999/xhtml";

/** Markup as nodes of this document; no text is ever parsed. */
export function nodeOf(markup: Markup, namespace = html): Node {
  if (markup === null || markup === undefined) return document.createDocumentFragment();
  if (!isElement(markup)) return document.createTextNode(String(markup));
  const space = markup.tag === "svg" ? svg : namespace;
  const node = document.createElementNS(space, markup.tag);
  for (const [name, value] of Object.entries(markup.attributes))
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  node.append(...markup.children.map((child) => nodeOf(child, space)));
  return node;
}
