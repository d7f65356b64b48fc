/** network-mlp's default, 784-100-100-10 on MNIST. */
export default ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [...shape] }),
      tf.layers.dense({ units: 100, activation: "relu" }),
      tf.layers.dense({ units: 100, activation: "relu" }),
      tf.layers.dense({ units: outputs }),
    ],
  });
