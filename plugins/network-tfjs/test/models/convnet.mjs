/** Without kinks, so that finite differences can judge it. */
export default ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.reshape({ inputShape: [...shape], targetShape: [2, 7, 1] }),
      tf.layers.conv2d({ filters: 6, kernelSize: 2, padding: "same", activation: "tanh" }),
      tf.layers.averagePooling2d({ poolSize: [1, 2] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: outputs }),
    ],
  });
