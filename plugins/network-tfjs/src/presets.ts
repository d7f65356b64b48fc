import type { ModelFunction, ModelSetting, TensorFlow } from "./model-function.js";
import type { layers, LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";

type Initializer = NonNullable<Parameters<typeof layers.dense>[0]["kernelInitializer"]>;

/** A layer's output on another's. */
const on = (x: SymbolicTensor, layer: { apply(x: SymbolicTensor): unknown }): SymbolicTensor =>
  layer.apply(x) as SymbolicTensor;

/** A 3 × 3 convolution that pads one row and column on each side, as PyTorch's does; "same" would pad otherwise at stride 2. */
function convolution(
  tf: TensorFlow,
  x: SymbolicTensor,
  filters: number,
  { strides, useBias, kernelInitializer }: { strides: number; useBias: boolean; kernelInitializer: Initializer },
): SymbolicTensor {
  const padded = strides === 1 ? x : on(x, tf.layers.zeroPadding2d({ padding: 1 }));
  const padding = strides === 1 ? "same" : "valid";
  return on(padded, tf.layers.conv2d({ filters, kernelSize: 3, strides, padding, useBias, kernelInitializer }));
}

/**
 * The network of La-MAML's CIFAR experiments: three 3 × 3 convolutions of 160 channels at stride 2, then hidden layers of
 * 320 and 320, ReLU throughout, weights normal with variance 2 / fan-in (He et al. 2015), biases 0.
 * Gupta, Yadav & Paull 2020 (arXiv:2007.13904), "pc_cnn" in the released code.
 */
function laMaml({ tf, shape, outputs }: ModelSetting): LayersModel {
  const kernelInitializer = "heNormal";
  const input = tf.input({ shape: [...shape] });
  let x: SymbolicTensor = input;
  for (let i = 0; i < 3; i++) {
    x = convolution(tf, x, 160, { strides: 2, useBias: true, kernelInitializer });
    x = on(x, tf.layers.reLU());
  }
  x = on(x, tf.layers.flatten());
  for (let i = 0; i < 2; i++) x = on(x, tf.layers.dense({ units: 320, activation: "relu", kernelInitializer }));
  return tf.model({ inputs: input, outputs: on(x, tf.layers.dense({ units: outputs, kernelInitializer })) });
}

/**
 * The reduced ResNet-18 of GEM's CIFAR-100 experiments: 20, 40, 80 and 160 filters where He et al. 2016 have 64 to 512.
 * Weights begin uniform in ±1/√fan-in, as PyTorch's do; batch normalisation with its momentum 0.9 and ε 10⁻⁵.
 * Lopez-Paz & Ranzato 2017 (arXiv:1706.08840).
 */
function resnet18({ tf, shape, outputs }: ModelSetting): LayersModel {
  const kernelInitializer = tf.initializers.varianceScaling({ scale: 1 / 3, mode: "fanIn", distribution: "uniform" });
  const normalized = (x: SymbolicTensor) => on(x, tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }));
  const convolved = (x: SymbolicTensor, filters: number, strides: number) =>
    normalized(convolution(tf, x, filters, { strides, useBias: false, kernelInitializer }));
  function block(x: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
    const inner = convolved(on(convolved(x, filters, strides), tf.layers.reLU()), filters, 1);
    const shortcut =
      strides === 1
        ? x
        : normalized(on(x, tf.layers.conv2d({ filters, kernelSize: 1, strides, useBias: false, kernelInitializer })));
    return on(tf.layers.add().apply([inner, shortcut]) as SymbolicTensor, tf.layers.reLU());
  }
  const input = tf.input({ shape: [...shape] });
  let x = on(convolved(input, 20, 1), tf.layers.reLU());
  for (const [filters, strides] of [
    [20, 1],
    [40, 2],
    [80, 2],
    [160, 2],
  ])
    x = block(block(x, filters, strides), filters, 1);
  x = on(x, tf.layers.averagePooling2d({ poolSize: 4 }));
  x = on(x, tf.layers.flatten());
  return tf.model({ inputs: input, outputs: on(x, tf.layers.dense({ units: outputs, kernelInitializer })) });
}

/** Models by name. */
export const presets = { "la-maml": laMaml, resnet18 } as const satisfies Record<string, ModelFunction>;
