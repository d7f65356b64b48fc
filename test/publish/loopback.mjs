/**
 * The URL of a registry, if it is on this machine's loopback: a rehearsal must not reach any other.
 * @param {string} url
 * @returns {string}
 */
export function loopback(url) {
  const { protocol, hostname, username, password } = new URL(url);
  const here = hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (here && protocol === "http:" && username === "" && password === "") return url;
  throw new Error(`The registry ${hostname} is not on this machine's loopback; a rehearsal publishes nowhere else.`);
}
