// What the WebAssembly backend lacks for training, or does slowly.
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { columnsOf, scatterColumns } from "./columns.js";
import { addBias, multiplyFew, multiplyFewTransposed } from "./products.js";

type Info = tf.TensorInfo;
interface Call {
  readonly inputs: Readonly<Record<string, Info>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: BackendWasm;
}

let completed = false;

/** Completes the WebAssembly backend, once. */
export function completeWasm(): void {
  if (completed) return;
  completed = true;
  const replaced: Readonly<Record<string, (call: Call) => Info | Info[]>> = {
    SplitV: split(kernelOf("SplitV")),
    BatchMatMul: multiply(kernelOf("BatchMatMul")),
    _FusedMatMul: multiplyAndAdd(kernelOf("_FusedMatMul")),
    Conv2DBackpropFilter: filterGradient,
    Conv2DBackpropInput: inputGradient,
  };
  const names = (backend: string) => new Set(tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName));
  const here = names("wasm");
  for (const [kernelName, kernelFunc] of Object.entries(replaced)) {
    if (here.has(kernelName)) tf.unregisterKernel(kernelName, "wasm");
    register(kernelName, kernelFunc);
  }
  const lender = new MathBackendCPU();
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu"))
    if (!here.has(kernelName) && !(kernelName in replaced)) register(kernelName, borrowed(lender, kernelFunc));
}

function register(kernelName: string, kernelFunc: (call: Call) => Info | Info[]): void {
  tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: kernelFunc as unknown as tf.KernelFunc });
}

const kernelOf = (name: string): ((call: Call) => Info) => {
  const config = tf.getKernel(name, "wasm");
  if (config === undefined) throw new Error(`The WebAssembly backend has no kernel ${name}.`);
  return config.kernelFunc as unknown as (call: Call) => Info;
};

/** Splits a vector within the backend's memory: its own kernel goes through arrays of the engine, which costs more than a step. */
function split(otherwise: (call: Call) => Info | Info[]): (call: Call) => Info | Info[] {
  return (call) => {
    const { x } = call.inputs;
    const { numOrSizeSplits: sizes } = call.attrs;
    const known = Array.isArray(sizes) && (sizes as number[]).every((size) => size >= 0);
    if (x.shape.length !== 1 || x.dtype !== "float32" || !known) return otherwise(call);
    const { backend } = call;
    const parts = (sizes as number[]).map((size) => backend.makeOutput([size], "float32"));
    const whole = backend.typedArrayFromHeap(x); // after the last allocation, which may move the memory
    let at = 0;
    for (const part of parts) {
      backend.typedArrayFromHeap(part).set(whole.subarray(at, at + part.shape[0]));
      at += part.shape[0];
    }
    return parts;
  };
}

/** Runs a kernel within another; what it answers is not yet anyone's. */
const run = (name: string, backend: BackendWasm, inputs: Call["inputs"], attrs: Call["attrs"]): Info =>
  kernelOf(name)({ inputs, attrs, backend });

/** The most rows that are multiplied without packing. */
const FEW = 4;

/** The product, where it is one of single matrices and the first has few rows. */
function few({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }: Call): Info | undefined {
  const [rows, inner] = a.shape.slice(-2);
  const single = [a, b].every(
    ({ shape, dtype }) =>
      dtype === "float32" && shape.length === a.shape.length && shape.slice(0, -2).every((side) => side === 1),
  );
  if (transposeA || !single || rows > FEW || rows * inner === 0) return undefined;
  const columns = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  const out = backend.makeOutput([...a.shape.slice(0, -1), columns], "float32");
  const heap = (x: Info) => backend.typedArrayFromHeap(x) as Float32Array;
  (transposeB ? multiplyFewTransposed : multiplyFew)(heap(a), heap(b), heap(out), rows, columns);
  return out;
}

type Kernel = (call: Call) => Info;

/** A dense layer: product, bias and activation. */
function multiplyAndAdd(otherwise: Kernel): Kernel {
  const straight = straightened(otherwise);
  return (call) => {
    const { bias } = call.inputs;
    const { activation } = call.attrs;
    const simple = activation === "relu" || activation === "linear" || activation === undefined;
    const out = simple && (bias === undefined || bias.shape.length === 1) ? few(call) : undefined;
    if (out === undefined) return straight(call);
    const heap = (x: Info) => call.backend.typedArrayFromHeap(x) as Float32Array;
    if (bias) addBias(heap(out), heap(bias), activation === "relu");
    else if (activation === "relu") addBias(heap(out), new Float32Array(1), true);
    return out;
  };
}

function multiply(otherwise: Kernel): Kernel {
  const straight = straightened(otherwise);
  return (call) => few(call) ?? straight(call);
}

/** Transposes what is to be transposed before it multiplies: other products are slow, with a bias even wrong. */
function straightened(kernel: Kernel): Kernel {
  return ({ inputs, attrs, backend }) => {
    const { transposeA, transposeB } = attrs;
    const turned: Info[] = [];
    const turn = (x: Info): Info => {
      const perm = x.shape.map((_, i) => i);
      perm.push(...perm.splice(-2).reverse());
      const result = run("Transpose", backend, { x }, { perm });
      turned.push(result);
      return result;
    };
    const [a, b] = [transposeA ? turn(inputs.a) : inputs.a, transposeB ? turn(inputs.b) : inputs.b];
    const result = kernel({
      inputs: { ...inputs, a, b },
      attrs: { ...attrs, transposeA: false, transposeB: false },
      backend,
    });
    for (const { dataId } of turned) backend.disposeData(dataId);
    return result;
  };
}

interface ConvolutionAttributes {
  readonly strides: [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterShape?: number[];
  readonly inputShape?: number[];
}

function convolution(attrs: Call["attrs"], input: number[], filter: number[]): tf.backend_util.Conv2DInfo {
  const { strides, pad, dataFormat, dimRoundingMode } = attrs as unknown as ConvolutionAttributes;
  if (dataFormat === "NCHW") throw new RangeError("A convolution takes its channels last (channelsLast).");
  return tf.backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** ∂/∂filter: the inputs' patches, a column each, times the outputs' gradients. */
function filterGradient({ inputs: { x, dy }, attrs, backend }: Call): Info {
  const { filterShape = [] } = attrs as unknown as ConvolutionAttributes;
  const info = convolution(attrs, x.shape, filterShape);
  const [patch, places] = [
    info.filterHeight * info.filterWidth * info.inChannels,
    dy.shape[0] * info.outHeight * info.outWidth,
  ];
  const columns = backend.makeOutput([patch, places], "float32");
  columnsOf(backend.typedArrayFromHeap(x) as Float32Array, info, backend.typedArrayFromHeap(columns) as Float32Array);
  const gradient = run(
    "BatchMatMul",
    backend,
    { a: columns, b: { ...dy, shape: [places, info.outChannels] } },
    { transposeA: false, transposeB: false },
  );
  backend.disposeData(columns.dataId);
  return { ...gradient, shape: filterShape };
}

/** ∂/∂input: the outputs' gradients times the filter, each patch added where it was taken from. */
function inputGradient({ inputs: { dy, filter }, attrs, backend }: Call): Info {
  const { inputShape = [] } = attrs as unknown as ConvolutionAttributes;
  const info = convolution(attrs, inputShape, filter.shape);
  const [patch, places] = [
    info.filterHeight * info.filterWidth * info.inChannels,
    dy.shape[0] * info.outHeight * info.outWidth,
  ];
  const turned = run("Transpose", backend, { x: { ...filter, shape: [patch, info.outChannels] } }, { perm: [1, 0] });
  const columns = run(
    "BatchMatMul",
    backend,
    { a: { ...dy, shape: [places, info.outChannels] }, b: turned },
    { transposeA: false, transposeB: false },
  );
  backend.disposeData(turned.dataId);
  const gradient = backend.makeOutput(inputShape, "float32");
  scatterColumns(
    backend.typedArrayFromHeap(columns) as Float32Array,
    info,
    backend.typedArrayFromHeap(gradient) as Float32Array,
  );
  backend.disposeData(columns.dataId);
  return gradient;
}

/** A kernel of the plain backend, on copies of its inputs. */
function borrowed(lender: MathBackendCPU, kernel: tf.KernelFunc): (call: Call) => Info | Info[] {
  return ({ inputs, attrs, backend }) => {
    const lent: Info[] = [];
    const lend = (input: Info): Info => {
      const copy = lender.makeTensorInfo(input.shape, input.dtype, backend.readSync(input.dataId));
      lent.push(copy);
      return copy;
    };
    const copies: Record<string, Info | Info[]> = Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [
        name,
        Array.isArray(input) ? input.map(lend) : input && lend(input),
      ]),
    );
    const answer = kernel({
      inputs: copies as tf.NamedTensorInfoMap,
      attrs: attrs as tf.NamedAttrMap,
      backend: lender,
    });
    const take = (result: Info): Info => {
      const values = lender.readSync(result.dataId) as tf.backend_util.TypedArray;
      lent.push(result);
      return backend.makeOutput(result.shape, result.dtype, undefined, values);
    };
    const results = Array.isArray(answer) ? answer.map(take) : take(answer);
    for (const { dataId } of lent) lender.disposeData(dataId);
    return results;
  };
}
