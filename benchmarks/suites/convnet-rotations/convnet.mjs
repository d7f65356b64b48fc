/** Two 5 × 5 convolutions of 8 and 16 filters at stride 2, ReLU, and the outputs: 6,000 parameters on MNIST. */
export default ({ tf, shape, outputs }) => {
  const convolution = { kernelSize: 5, strides: 2, activation: "relu", kernelInitializer: "heNormal" };
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...convolution, filters: 8, inputShape: [...shape] }),
      tf.layers.conv2d({ ...convolution, filters: 16 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: outputs }),
    ],
  });
};
