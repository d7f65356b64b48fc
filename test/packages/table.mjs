import { cpus } from "node:os";

/** Bytes in kB. */
export const kilo = (bytes) => (bytes / 1000).toFixed(bytes < 9950 ? 1 : 0);

/** The rows in Markdown. */
export function table(rows) {
  const cells = rows.map(({ name, bytes, others, took, bundled }) => [
    name,
    kilo(bytes),
    String(others),
    took === undefined ? "" : took.toFixed(took < 9.95 ? 1 : 0),
    bundled === undefined ? "" : kilo(bundled),
  ]);
  const titles = ["package", "installed, kB", "packages", "import, ms", "in a browser, kB"];
  const widths = titles.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(titles), rule, ...cells.map(line)].join("\n");
}

/** The page in benchmarks/. */
export const page = (rows, limits) => `# What one package brings along

Each package installed by itself in an empty folder: the bytes of all files under \`node_modules\`, how many packages came
beside it, how long its first import takes (the least of five processes, Node.js ${process.versions.node}, ${cpus()[0]?.model ?? "an unknown processor"}),
and what it is in a browser once bundled and minified (esbuild; empty: it needs Node.js). A plugin that is no network and no
tracker may bring at most ${limits.others} packages and ${kilo(limits.bytes)} kB. Made by \`npm run test:packages -- --write\`.

${table(rows)}
`;
