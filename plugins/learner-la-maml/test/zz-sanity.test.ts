// @ts-nocheck
import { reservoir } from "@everlearn/buffer-reservoir";
import { mnist } from "@everlearn/dataset-mnist";
import { laMaml } from "@everlearn/learner-la-maml";
import { cMaml } from "@everlearn/learner-c-maml";
import { sync } from "@everlearn/learner-sync";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { rotated } from "@everlearn/stream-rotated";
import { permuted } from "@everlearn/stream-permuted";
import { appendFileSync } from "node:fs";
import { it } from "vitest";
it("sanity", { timeout: 6e6 }, async () => {
  const dataset = await mnist({}, { folder: "/work/shared/datasets" });
  const methods = {
    "c-maml/rot": (g) => cMaml({ alpha0: 0.1, beta: 0.1, replay: 10, glances: 5 }, g),
    "la-maml/rot": (g) => laMaml({ alpha0: 0.15, eta: 0.3, replay: 10, glances: 5 }, g),
    "sync/rot": (g) => sync({ alpha0: 0.15, beta: 0.3, eta: 0.1, replay: 10, glances: 5 }, g),
    "sync/perm": (g) => sync({ alpha0: 0.15, beta: 0.1, eta: 0.1, replay: 10, glances: 5 }, g),
  };
  for (const seed of [0, 1]) for (const [name, make] of Object.entries(methods)) {
    const he = true;
    const stream = name.endsWith("rot") ? rotated({}, { dataset, random: random(seed, "stream") }) : permuted({}, { dataset, random: random(seed, "stream") });
    const network = mlp({ hidden: [100, 100] }, { inputs: 784, outputs: 10, random: random(seed, "network") });
    if (he) {
      const sizes = [784, 100, 100, 10]; const r = random(seed, "he"); const all = [];
      const normal = () => Math.sqrt(-2 * Math.log(1 - r.uniform())) * Math.cos(2 * Math.PI * r.uniform());
      for (let l = 0; l < 3; l++) { for (let i = 0; i < sizes[l] * sizes[l + 1]; i++) all.push(normal() * Math.sqrt(2 / sizes[l])); for (let o = 0; o < sizes[l + 1]; o++) all.push(0); }
      network.theta.fromArray(Float32Array.from(all));
    }
    const buffer = reservoir({ capacity: 200 }, { random: random(seed, "buffer") });
    const learner = make({ network, buffer, random: random(seed, "learner") });
    const test = (t) => {
      const tests = stream.test(t); let right = 0;
      for (let i = 0; i < 2000; i += 200) {
        const queries = Array.from({ length: 200 }, (_, j) => ({ x: tests.input((i + j) * 5) }));
        learner.predict(queries).forEach((a, j) => { if (a === tests.label((i + j) * 5)) right++; });
      }
      return right / 20;
    };
    let la = 0, ra = 0;
    for (let t = 0; t < 20; t++) {
      const train = stream.train(t);
      for (let i = 0; i < 1000; i += 10) learner.observe(Array.from({ length: 10 }, (_, j) => ({ x: train.input(i + j), y: train.label(i + j) })));
      la += test(t) / 20;
    }
    for (let t = 0; t < 20; t++) ra += test(t) / 20;
    appendFileSync("/tmp/sanity/out2.txt", `${name} seed ${seed} he ${he} RA ${ra.toFixed(2)} LA ${la.toFixed(2)}\n`);
  }
});
