import type { Kernel } from "@everlearn/wasm";

/**
 * What the kernel exports for layers, beside what every kernel does. Numbers are addresses in bytes unless the sources in
 * `kernel/` say otherwise; an image is given by the address of its description and that of its first pixel.
 */
export interface ConvnetKernel extends Kernel {
  readBytes(image: number, to: number, from: number, channels: number): void;
  readFloats(image: number, to: number, from: number, channels: number): void;
  zero(to: number, bytes: number): void;
  zeroBorder(image: number, at: number, border: number, n: number): void;
  addImages(toImage: number, to: number, aImage: number, a: number, bImage: number, b: number, n: number): void;
  relu(toImage: number, to: number, fromImage: number, from: number, n: number): void;
  reluBackward(deltaImage: number, delta: number, outImage: number, out: number, n: number): void;
  flatten(image: number, from: number, to: number, row: number, channels: number, n: number): void;
  flattenBackward(image: number, to: number, from: number, row: number, channels: number, n: number): void;
  convolve(layer: number, x: number, out: number, weights: number, bias: number, n: number): void;
  transposeWeights(from: number, to: number, taps: number, inputs: number, outputs: number): void;
  convolveInputs(layer: number, xDelta: number, outDelta: number, transposed: number, n: number): void;
  convolveWeights(layer: number, x: number, outDelta: number, gradient: number, n: number): void;
  sumPixels(image: number, delta: number, gradient: number, n: number): void;
  listValues(image: number, values: number, entries: number, counts: number, rowBytes: number, n: number): void;
  packWeights(from: number, to: number, rows: number, columns: number, width: number): void;
  sparseConvolve(
    layer: number,
    entries: number,
    counts: number,
    out: number,
    weights: number,
    tapFloats: number,
    blockFloats: number,
    bias: number,
    width: number,
    n: number,
  ): void;
  sparseInputs(
    layer: number,
    xDelta: number,
    entries: number,
    counts: number,
    weights: number,
    tapFloats: number,
    blockFloats: number,
    width: number,
    n: number,
  ): void;
  sparseWeights(
    layer: number,
    x: number,
    outDelta: number,
    gradient: number,
    room: number,
    width: number,
    n: number,
  ): void;
  denseInputs(layer: number, xDelta: number, outDelta: number, weights: number, n: number): void;
  depthwise(layer: number, x: number, out: number, weights: number, bias: number, n: number): void;
  depthwiseInputs(layer: number, xDelta: number, outDelta: number, weights: number, n: number): void;
  depthwiseWeights(layer: number, x: number, outDelta: number, gradient: number, n: number): void;
  spreadGroups(groups: number, from: number, to: number): void;
  gatherGroups(groups: number, from: number, to: number): void;
  winogradWeights(weights: number, u: number, transposed: number, inputs: number, outputs: number): void;
  winograd(
    layer: number,
    x: number,
    out: number,
    u: number,
    bias: number,
    n: number,
    room: number,
    roomFloats: number,
    zeros: number,
  ): void;
  winogradBackward(
    layer: number,
    x: number,
    outDelta: number,
    transposed: number,
    xDelta: number,
    uGradient: number,
    n: number,
    room: number,
    roomFloats: number,
    zeros: number,
  ): void;
  winogradGradient(uGradient: number, gradient: number, inputs: number, outputs: number): void;
  findStatistics(norm: number, zImage: number, z: number, n: number, training: number): void;
  normalise(
    norm: number,
    zImage: number,
    z: number,
    yImage: number,
    y: number,
    otherImage: number,
    other: number,
    n: number,
    rectify: number,
  ): void;
  normaliseBackward(
    norm: number,
    zImage: number,
    z: number,
    into: number,
    deltaImage: number,
    delta: number,
    n: number,
    gammaGradient: number,
    betaGradient: number,
    training: number,
  ): void;
  maxPool(pooling: number, x: number, out: number, n: number): void;
  maxPoolBackward(
    pooling: number,
    x: number,
    out: number,
    deltaImage: number,
    xDelta: number,
    outImage: number,
    outDelta: number,
    n: number,
  ): void;
  averagePool(pooling: number, x: number, out: number, n: number): void;
  averagePoolBackward(
    pooling: number,
    deltaImage: number,
    xDelta: number,
    outImage: number,
    outDelta: number,
    n: number,
  ): void;
}
