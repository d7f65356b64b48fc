import { expect, it } from "vitest";
import reservoir from "@everlearn/buffer-reservoir";
import ring from "@everlearn/buffer-ring";
import er from "@everlearn/learner-er";
import mer from "@everlearn/learner-mer";
import online from "@everlearn/learner-online";
import mlp from "@everlearn/network-mlp";
import rotated from "@everlearn/stream-rotated";
import glyphs from "@everlearn/dataset-glyphs";
import * as c from "@everlearn/conformance";
it("online", () => c.checkLearner(online, { options: { alpha: 0.1 } }));
it("er", () => c.checkLearner(er, { options: { alpha: 0.1, k: 5 } }));
it("mer", () => c.checkLearner(mer, { options: { alpha: 0.1, s: 5, k: 5, beta: 0.3 } }));
it("reservoir", () => c.checkBuffer(reservoir, { options: { capacity: 30 } }));
it("ring", () => c.checkBuffer(ring, { options: { capacity: 30, rings: 4 } }));
it("ring class", () => c.checkBuffer(ring, { options: { capacity: 30, rings: 4, per: "class" } }));
it("rotated", () => c.checkStream(rotated, { options: { tasks: 3, examplesPerTask: 50 } }));
it("glyphs", () => c.checkDataset(glyphs, { options: { train: 300, test: 100 } }));
it("mlp", () => c.checkNetwork(mlp, { options: { hidden: [10] } }));
it("mlp 2", () => c.checkNetwork(mlp, {}));
it("mlp 0", () => c.checkNetwork(mlp, { options: { hidden: [] }, linear: true }));
it("reference", () =>
  c.checkNetwork({ kind: "network", name: "reference", description: "A.", options: {}, create: c.referenceNetwork }));
it("toy", () =>
  c.checkStream({ kind: "stream", name: "reference", description: "A.", options: {}, create: c.toyStream }));
it("toydata", () =>
  c.checkDataset({ kind: "dataset", name: "reference", description: "A.", options: {}, create: c.toyDataset }));
it("toyscenario", () =>
  c.checkScenario({ kind: "scenario", name: "reference", description: "A.", options: {}, create: c.toyScenario }));
