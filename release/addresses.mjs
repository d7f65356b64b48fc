// Where a published package says that it comes from. The repository states no address: a release is told its own.
import { statSync } from "node:fs";
import { extname, posix } from "node:path";

/** The environment variable that tells a release its repository's address. */
export const setting = "EVERLEARN_REPOSITORY";

/**
 * The repository's address as a browser shows it.
 * @param {string | undefined} value of the environment variable
 * @returns {string}
 * @throws Error where it is missing or not such an address
 */
export function repositoryOf(value) {
  const remedy = `set ${setting} to the repository's address, as in ${setting}=https://HOST/OWNER/NAME, and release again.`;
  if (!value)
    throw new Error(
      `A release fills package.json's repository, homepage and bugs and the READMEs' links from one address, which it was not told; ${remedy}`,
    );
  if (!/^https:\/\/[\w.:-]+(?:\/[\w.~-]+){2,}\/?$/.test(value))
    throw new Error(`${setting} is "${value}", which is not the address of a repository; ${remedy}`);
  return value.replace(/\/$/, "").replace(/\.git$/, "");
}

/**
 * A package's manifest with the addresses that npm shows and that provenance is checked against.
 * @template {object} M
 * @param {M} manifest
 * @param {string} repository its address, from {@link repositoryOf}
 * @param {string} folder of the package, from the repository's root
 */
export function withAddresses(manifest, repository, folder) {
  return {
    ...manifest,
    repository: { type: "git", url: `git+${repository}.git`, directory: folder },
    homepage: `${repository}/tree/HEAD/${folder}#readme`,
    bugs: { url: `${repository}/issues` },
  };
}

const images = [".gif", ".jpg", ".jpeg", ".png", ".svg", ".webp"];
/** Blocks and spans of code, in which nothing is a link. */
const code = /(^```[^]*?^```$|`[^`\n]+`)/m;
/** What stands before a link's target, and the target: inline links, images, definitions, HTML. */
const link = /(\]\(|^\[[^\]\n]+\]: +|\b(?:href|src)=")([^\s)"]+)/gm;

/**
 * A page in Markdown whose relative links lead to the repository as it was at a commit.
 * @param {string} page
 * @param {{ repository: string, commit: string, root: string, folder: string }} place the repository's address, the commit, the
 * folder that holds the repository here, and the page's folder in it
 * @returns {string}
 * @throws Error where a link leads nowhere
 */
export function withAbsoluteLinks(page, { repository, commit, root, folder }) {
  const absolute = (/** @type {string} */ target) => {
    if (/^(?:#|\/\/|[a-z][a-z+.-]*:)/i.test(target)) return target;
    const [, path, fragment] = /** @type {RegExpExecArray} */ (/^([^#]*)(.*)$/.exec(target));
    const found = posix.join(folder, path);
    const stat = statSync(posix.join(root, found), { throwIfNoEntry: false });
    if (stat === undefined) throw new Error(`${folder}/README.md links to ${target}, which is not there.`);
    const view = stat.isDirectory() ? "tree" : images.includes(extname(path)) ? "raw" : "blob";
    return `${repository}/${view}/${commit}/${found}${fragment}`;
  };
  return page
    .split(code)
    .map((text, i) => (i % 2 === 1 ? text : text.replaceAll(link, (_, before, target) => before + absolute(target))))
    .join("");
}
