// A thread that touches the files it is told of, so that others see that their process lives while that is busy.
import { utimesSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const paths = new Set<string>();

parentPort?.on("message", ({ act, path }: { readonly act: "add" | "delete"; readonly path: string }) => {
  paths[act](path);
});

setInterval(() => {
  for (const path of paths)
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      paths.delete(path); // it was taken over, which its process finds out before it writes anything else
    }
}, workerData as number);
