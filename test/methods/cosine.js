// An optimizer made of another one: its rate falls along half a cosine over so many steps (Loshchilov & Hutter 2017),
// here by a polynomial that all machines round alike.

const options = /** @type {const} */ ({
  steps: { type: "integer", minimum: 1, description: "The steps over which the rate falls." },
});

/** @type {import("@everlearn/contracts").Plugin<"optimizer", typeof options, "of">} */
export default {
  kind: "optimizer",
  name: "cosine",
  contract: 2,
  description: "Lets the rate of another optimizer fall along half a cosine.",
  paper: "arXiv:1608.03983",
  options,
  needs: ["of"],
  create({ steps }, { of: optimizer, vector }) {
    const scaled = vector();
    let step = 0;

    /** (1 + cos πt) / 2 for t in [0, 1], to a thousandth. @param {number} t */
    const fall = (t) => 1 - t * t * (3 - 2 * t);

    return {
      update(theta, gradient, rate) {
        const factor = fall(Math.min(1, step++ / steps));
        if (typeof rate === "number") optimizer.update(theta, gradient, factor * rate);
        else {
          scaled.set(rate);
          scaled.times(factor);
          optimizer.update(theta, gradient, scaled);
        }
      },
      save: () => step,
      load(state) {
        step = Number(state);
      },
    };
  },
};
