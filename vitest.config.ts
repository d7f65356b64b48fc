import { defineConfig } from "vitest/config";

// Tests run from the sources, without a build.
const conditions = ["@everlearn/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "plugins/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // Nothing takes a quarter of it alone, but machines are shared.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: "100%", // by default one processor is left idle: half of a small machine
  },
});
