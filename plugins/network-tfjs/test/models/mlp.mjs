/** 784-100-100-10 and the like, as network-mlp makes it. */
export default ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 12, activation: "relu", inputShape: [...shape] }),
      tf.layers.dense({ units: outputs }),
    ],
  });
