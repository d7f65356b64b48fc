import { el, type Markup, render, scriptJson } from "./markup.js";
import { runScript, runScriptHash, standingsScript, standingsScriptHash, style, styleHash } from "./page.bundle.js";

/** A file of a site. */
export interface File {
  /** Relative to the site's folder, with "/". */
  readonly path: string;
  readonly content: string;
}

export interface Page {
  readonly path: string;
  readonly title: string;
  /** The pages above it, the outermost first. */
  readonly above: readonly { readonly title: string; readonly path: string }[];
  readonly script: "standings" | "run";
  /** The data that the script draws from. */
  readonly data: unknown;
  readonly main: readonly Markup[];
}

const scripts = {
  standings: { text: standingsScript, hash: standingsScriptHash },
  run: { text: runScript, hash: runScriptHash },
};

/** The site's icon: a small heat map. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 3'%3E%3Cpath fill='%23253c75' d='M0 0h3v3H0z'/%3E%3Cpath fill='%2385c59c' d='M0 0h1v1h1v1h1v1H0z'/%3E%3Cpath fill='%23f6f099' d='M0 0h1v1H0zM1 1h1v1H1zM2 2h1v1H2z'/%3E%3C/svg%3E";

/**
 * A page that needs no other file. Nothing runs in it but its own script, which is known by its hash; nothing is loaded;
 * and no text can become markup, since scripts may not parse any.
 */
export function page({ path, title, above, script, data, main }: Page): File {
  const { text, hash } = scripts[script];
  const policy = [
    "default-src 'none'",
    `script-src '${hash}'`,
    `style-src '${styleHash}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const head = [
    el("meta", { charset: "utf-8" }),
    el("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    el("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    el("meta", { name: "color-scheme", content: "light dark" }),
    el("meta", { name: "referrer", content: "no-referrer" }),
    el("title", {}, title),
    el("link", { rel: "icon", href: icon }),
  ];
  const crumbs = above.map((one) => el("a", { href: linkTo(path, one.path) }, el("bdi", {}, one.title)));
  const body = [
    crumbs.length > 0 ? el("nav", { class: "crumbs", "aria-label": "Breadcrumb" }, ...crumbs) : null,
    el("main", {}, ...main),
    el("footer", {}, "Made by everlearn from receipts; the same receipts give the same page."),
  ];
  const content = [
    '<!doctype html>\n<html lang="en">\n<head>\n',
    ...head.map((element) => `${render(element)}\n`),
    `<style>${style}</style>\n</head>\n<body>\n`,
    ...body.map(render),
    `\n<script type="application/json" id="data">${scriptJson(data)}</script>\n`,
    `<script>${text}</script>\n</body>\n</html>\n`,
  ].join("");
  return { path, content };
}

/** The relative address of a link from one file of the site to another. */
export function linkTo(from: string, to: string): string {
  return "../".repeat(from.split("/").length - 1) + to;
}

/** The relative address of a link to a path that somebody gave. Whatever the path says, the address is relative. */
export function linkToPath(from: string, path: string): string {
  const wellFormed = path.replace(/\p{Surrogate}/gu, "\uFFFD").replaceAll("\\", "/");
  return linkTo(from, wellFormed.split("/").map(encodeURIComponent).join("/"));
}
