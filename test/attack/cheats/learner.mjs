// What all cheats are made of: an honest learner, online, that takes one step on each batch.

/** A plugin whose learner is the honest one, changed by a cheat. */
export const learner = (name, cheat = (honest) => honest) => ({
  kind: "learner",
  name,
  contract: 2,
  description: `A learner to attack with: ${name}.`,
  needs: ["network"],
  options: { file: { type: "string", default: "", description: "A file or folder for what it does." } },
  create: ({ file }, { network, random }) =>
    cheat(
      {
        observe: (batch) => network.descend(batch, 0.05),
        predict: (queries) => network.predict(queries),
        save: () => null,
        load() {},
      },
      { network, random, file },
    ),
});

/** The key by which an input is known again. */
export const keyOf = (x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString("base64");
