// Two networks in a chain: the learner's network encodes an input, a second one decodes it, and the gradient of the
// reconstruction's error flows through both. The answer is the class whose mean code is nearest.

const options = /** @type {const} */ ({
  alpha: { type: "number", exclusiveMinimum: 0, default: 0.05, description: "The learning rate α of both networks." },
});

/** @type {import("@everlearn/contracts").Plugin<"learner", typeof options, "network" | "backward">} */
export default {
  kind: "learner",
  name: "autoencoder",
  contract: 2,
  description: "An autoencoder of two networks, whose answer is the class with the nearest mean code.",
  options,
  needs: ["network", "backward"],
  async create({ alpha }, { network: encoder, createNetwork, inputs, outputs: code }) {
    const decoder = await createNetwork("decoder", { shape: [code], outputs: inputs });
    const [dEncoder, dDecoder] = [encoder.vector(), decoder.vector()];
    let sums = Array.from({ length: code }, () => new Float64Array(code)); // of each class's codes
    let counts = new Float64Array(code);

    /** @param {import("@everlearn/contracts").Input} x */
    const valuesOf = (x) => (x instanceof Uint8Array ? Float32Array.from(x, (byte) => byte / 255) : x);
    /** @param {readonly import("@everlearn/contracts").Query[]} queries @returns each query's code, as an input of the decoder */
    const encode = (queries) => {
      const codes = encoder.logits(queries);
      return queries.map((_, i) => ({ x: codes.slice(i * code, (i + 1) * code) }));
    };

    return {
      observe(batch) {
        const codes = encode(batch);
        const error = decoder.logits(codes);
        batch.forEach(({ x }, i) => valuesOf(x).forEach((value, j) => (error[i * inputs + j] -= value)));
        const scale = 2 / error.length;
        const dCodes = new Float32Array(batch.length * code);
        decoder.backward(
          codes,
          error.map((e) => scale * e),
          null,
          dDecoder,
          dCodes,
        );
        encoder.backward(batch, dCodes, null, dEncoder);
        decoder.step(dDecoder, alpha);
        encoder.step(dEncoder, alpha);
        batch.forEach(({ y }, i) => {
          counts[y]++;
          codes[i].x.forEach((value, j) => (sums[y][j] += value));
        });
      },
      predict(queries) {
        return Uint16Array.from(encode(queries), ({ x }, i) => {
          const distance = (/** @type {number} */ y) =>
            counts[y] === 0 ? Infinity : sums[y].reduce((sum, s, j) => sum + (s / counts[y] - x[j]) ** 2, 0);
          const among = queries[i].outputs ?? sums.map((_, y) => y);
          return among.reduce((best, y) => (distance(y) < distance(best) ? y : best));
        });
      },
      save: () => ({ sums: sums.map((sum) => sum.slice()), counts: counts.slice() }),
      load(state) {
        const saved = /** @type {{ sums: Float64Array[], counts: Float64Array }} */ (state);
        sums = saved.sums.map((sum) => sum.slice());
        counts = saved.counts.slice();
      },
    };
  },
};
