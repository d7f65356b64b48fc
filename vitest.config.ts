import { defineConfig } from "vitest/config";

// Tests run from the sources, without a build.
const conditions = ["@everlearn/source", "node", "import", "module", "default"];

/** What `npm test` leaves to `npm run test:rest`: what needs Python, a browser, other versions of Node.js, npm, or minutes. */
const rest = [
  "test/mlflow/**/*.test.ts", // a real MLflow server
  "test/page/page.test.ts", // Chromium
  "packages/kernel-native/test/**/*.test.ts", // a C compiler
  "test/portable/{bare,chromium}.test.ts", // all golden runs again, elsewhere
  "test/versions.test.ts", // other versions of Node.js, from npm
  "test/publish/**/*.test.ts", // lerna and a registry on loopback
  "test/cli/new-checkout.test.ts", // npm installs what `everlearn new` writes
  "test/cli/{audit,bench,check,data,disk,doctor,leaderboard,list,mistakes,new,newcomer,resume,trust,verify}.test.ts", // many commands, each in processes of its own
  "test/{docs,running-a-leaderboard}.test.ts", // run the guides' commands
  "packages/conformance/test/{buffer,learner,learner-needs,learner-told,network,optimizer,scenario}.test.ts", // broken plugins
  "packages/bench/test/{bench,check-runs,executor,honesty,process-executor,search,verify}.test.ts",
  "test/a-learner-in-python.test.ts", // Python
  "packages/program/test/**/*.test.ts", // Python
  "test/third-party.test.ts",
  "test/attack/attack.test.ts", // a short form of npm run attack
  "test/bench/kills.test.ts", // processes that are killed again and again
  "test/{convnet-learners,convnet-rotations,image-suites}.test.ts", // minutes of training, or many networks
  "test/parity.test.ts",
  "plugins/network-tfjs/test/tfjs.test.ts",
  "test/variants.test.ts",
  "test/conformance.test.ts",
  "plugins/dataset-glyphs/test/hardness.test.ts",
];

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};
const common = {
  // Nothing takes a quarter of it alone, but machines are shared.
  testTimeout: 240_000,
  hookTimeout: 240_000,
};

export default defineConfig({
  ...shared,
  test: {
    maxWorkers: "100%", // by default one processor is left idle: half of a small machine
    projects: [
      {
        ...shared,
        test: {
          ...common,
          name: "test",
          include: ["packages/*/test/**/*.test.ts", "plugins/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: rest,
        },
      },
      { ...shared, test: { ...common, name: "rest", include: rest } },
    ],
  },
});
