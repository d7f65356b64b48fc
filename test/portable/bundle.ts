import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "../workspace.js";

/** A script that defines `everlearn.digests(specs)`: it runs each spec without files and answers its digest, by its name. */
export interface Bundle {
  readonly script: string;
  /** Minified, in bytes: as it is, and compressed. */
  readonly size: number;
  readonly gzip: number;
}

/**
 * Bundles the loop and the composition with plugins, for a page.
 * @param plugins their packages
 * @throws Error where something imports a module of Node.js
 */
export async function bundle(plugins: readonly string[]): Promise<Bundle> {
  const contents = `
import { completeSpec, createCell, createContext, planRun } from "@everlearn/composition";
import { runInProcess } from "@everlearn/loop";
${plugins.map((name, i) => `import plugin${i} from ${JSON.stringify(name)};`).join("\n")}

const plugins = [${plugins.map((name, i) => `{ plugin: plugin${i}, package: ${JSON.stringify(name)}, version: "0.0.0" }`).join(", ")}];

export async function digests(specs) {
  const answer = {};
  for (const spec of specs) {
    const plan = await planRun(completeSpec(spec), createContext(plugins));
    const cell = await createCell(plan, plan.spec.seeds[0]);
    const outcome = runInProcess(cell);
    answer[spec.name] = outcome.digest ?? outcome.message;
    await cell.dispose();
  }
  return answer;
}
`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    ...{ bundle: true, write: false, minify: true, platform: "browser", format: "iife", globalName: "everlearn" },
    ...{ target: "es2023", logLevel: "silent", conditions: ["@everlearn/source"] },
  });
  const script = outputFiles[0].text;
  return { script, size: script.length, gzip: gzipSync(script).length };
}
