import { cpus, totalmem } from "node:os";
import { SpecError } from "@everlearn/contracts";
import { installed, resolvePlugin } from "@everlearn/host";
import { out } from "../color.js";
import { Failure } from "../failure.js";
import { searchPath } from "../search-path.js";
import { textTable } from "../table.js";

/** `everlearn doctor`: loads every installed plugin, and lets each test what depends on the machine. */
export async function doctor(): Promise<void> {
  const from = searchPath();
  const known = await installed(from);
  const { length: cores } = cpus();
  process.stdout.write(
    `Node ${process.versions.node} on ${process.platform} ${process.arch}, ${cores} × ${cpus()[0]?.model.trim() ?? "an unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`,
  );
  const problems: string[] = [];
  for (const one of known) {
    try {
      const { plugin } = await resolvePlugin(one.kind, one.package, from, known);
      if (plugin.diagnose === undefined) continue;
      const diagnostics = await plugin.diagnose({ folder: process.cwd() });
      const rows = diagnostics.map(({ name, works, finding }) => [works ? "✓" : "✗", name, finding]);
      process.stdout.write(
        `\n${out.bold(`${one.kind} ${one.name}`)}\n${textTable(["", "what", "found"], rows, [1, 10, 0])}\n`,
      );
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      problems.push(error.message);
    }
  }
  const count = known.length - problems.length;
  process.stdout.write(`\n${count} of ${known.length} plugins load.\n`);
  if (problems.length > 0) throw new Failure(problems.join("\n"));
}
