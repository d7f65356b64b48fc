import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";

/**
 * An npm registry on this machine's loopback, with nothing but these packages: what they would be once published.
 * @param {readonly { name: string, version: string, filename: string, shasum: string, integrity: string, manifest: object }[]} packed
 * @param {string} folder that holds the tarballs
 */
export async function openRegistry(packed, folder) {
  const byName = new Map(packed.map((one) => [one.name, one]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    // npm would keep answers, and another run's registry may have this port.
    response.setHeader("cache-control", "no-store");
    if (path.endsWith(".tgz")) {
      response.end(readFileSync(join(folder, basename(path))));
      return;
    }
    const one = byName.get(path);
    if (one === undefined) {
      response.writeHead(404).end("{}");
      return;
    }
    const { name, version, filename, shasum, integrity, manifest } = one;
    const dist = { tarball: `${url}${filename}`, shasum, integrity };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } }),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return { url, close: () => server.close() };
}
