import { invalid } from "./error.js";

/**
 * A name as one segment of a URL's path.
 * @throws MlflowError for a name that cannot be one; `what` says what it names.
 */
export function segment(what: string, name: string): string {
  if (!isSegment(name) || name.includes("/"))
    throw invalid(`${JSON.stringify(name)} cannot name ${what}, because MLflow has it in the path of an address.`);
  return encodeURIComponent(name);
}

/**
 * A relative path as a URL has it.
 * @throws MlflowError for a path that the server would refuse, or take for another one: it undoes `%` escapes as often
 * as it finds any.
 */
export function artifactPath(path: string): string {
  const segments = path.split("/");
  if (!segments.every(isSegment))
    throw invalid(`The artifact path ${JSON.stringify(path)} is not relative and plain, as "folder/file.txt" is.`);
  if (/[\\#\p{Cc}]|%[\da-f]{2}/iu.test(path))
    throw invalid(
      `The artifact path ${JSON.stringify(path)} has what MLflow refuses or takes for something else: \\ or # or a control character, or % before two hexadecimal digits.`,
    );
  return segments.map(encodeURIComponent).join("/");
}

const proxy = "/api/2.0/mlflow-artifacts/artifacts/";

/**
 * The address on the server of what is at `root`, such as `mlflow-artifacts:/1/a593…/artifacts`, or, as older servers
 * have it, `http://…/api/2.0/mlflow-artifacts/artifacts/1/…`; without a slash at its end.
 * @throws MlflowError where that is not behind the server at `base`: credentials go nowhere else.
 */
export function proxied(root: string, base: string): string {
  const server = new URL(base);
  const url = URL.canParse(root) ? new URL(root) : undefined;
  const own = url?.protocol === "mlflow-artifacts:";
  if (url === undefined || !(own || /^https?:$/.test(url.protocol)) || !(own || url.pathname.includes(proxy)))
    throw invalid(
      `These artifacts are not behind MLflow's artifact proxy but at a ${JSON.stringify(url?.protocol ?? "")} address, which this client does not open; start the server with --artifacts-destination, or use that store's own client.`,
    );
  if (own ? url.host !== "" && url.host !== server.host : url.origin !== server.origin)
    throw invalid("These artifacts are behind another server than the tracking URI's; make a client for that one.");
  const path = own ? url.pathname : url.pathname.slice(url.pathname.indexOf(proxy) + proxy.length);
  return `${proxy}${path.replaceAll(/^\/+|\/+$/g, "")}`;
}

/** Lone surrogates have no place in a URL; the dots would lead elsewhere. */
const isSegment = (name: string): boolean => !["", ".", ".."].includes(name) && !/\p{Cs}/u.test(name);
