import type { Layer, Sides } from "./layers.js";
import { createPlaces, type Places } from "./parameters.js";
import type { AnyStep, Image, NormStep, Parameter, Plan, Sweep } from "./plan.js";

/** A network while it is planned. */
interface Building {
  readonly places: Places;
  readonly images: Image[];
  readonly steps: AnyStep[];
  readonly layers: (readonly Parameter[])[];
  /** Outputs by their layers' names. */
  readonly named: Map<string, Image>;
  /** The name by which features are asked for. */
  readonly wanted: string;
}

/** Plans layer `L`, whose place in the options is for errors, on an image. @returns its output */
type Plans<L extends Layer> = (building: Building, layer: L, x: Image, place: string) => Image;

const pair = (sides: Sides): readonly [number, number] => (typeof sides === "number" ? [sides, sides] : sides);
const shapeOf = ({ height, width, channels }: Image): string => `${height} × ${width} × ${channels}`;

function image({ images }: Building, size: Pick<Image, "height" | "width" | "channels">, learns: boolean): Image {
  const made = { ...size, border: 0, kept: false, learns };
  images.push(made);
  return made;
}

/** The rows and columns that a window's sweep gives. @throws RangeError for a window larger than the padded image */
function swept(x: Image, { size, stride, padding }: Sweep, place: string): Pick<Image, "height" | "width"> {
  const [height, width] = [x.height, x.width].map((side, i) => Math.floor((side + 2 * padding - size[i]) / stride) + 1);
  if (!(height >= 1 && width >= 1))
    throw new RangeError(
      `${place} has a window of ${size.join(" × ")}, which is larger than its input of ${shapeOf(x)} with padding ${padding}; use a smaller window or more padding.`,
    );
  return { height, width };
}

const conv: Plans<Extract<Layer, { layer: "conv" | "depthwise conv" }>> = (building, layer, x, place) => {
  const { kernel = 3, stride = 1, padding = 0, bias = true, frozen = false } = layer;
  const sweep = { size: pair(kernel), stride, padding };
  const { places, steps, layers } = building;
  const size = swept(x, sweep, place);
  const depthwise = layer.layer === "depthwise conv";
  const filters = depthwise ? x.channels : layer.filters;
  const groups = depthwise ? x.channels : (layer.groups ?? 1);
  if (x.channels % groups !== 0 || filters % groups !== 0)
    throw new RangeError(
      `${place} has ${groups} groups, which must divide the ${x.channels} channels of its input and its ${filters} filters.`,
    );
  const inputs = x.channels / groups;
  const fanIn = sweep.size[0] * sweep.size[1] * inputs;
  const learns = !frozen;
  const out = image(building, { ...size, channels: filters }, learns || x.learns);
  x.border = Math.max(x.border, padding);
  const shape = x.height * x.width === 1 && fanIn === inputs ? [inputs, filters] : [...sweep.size, inputs, filters];
  const weights = places.weights(shape, learns, fanIn, groups === 1);
  const biases = bias ? places.row("biases", filters, learns, { fanIn, bias: true }) : undefined;
  layers.push(biases ? [weights, biases] : [weights]);
  steps.push({ step: "convolution", in: x, out, sweep, groups, weights, bias: biases, learns });
  return out;
};

const dense: Plans<Extract<Layer, { layer: "dense" }>> = (building, layer, x, place) => {
  const { units, bias = true, frozen = false } = layer;
  const row = flatten(building, { layer: "flatten" }, x, place);
  return conv(building, { layer: "conv", filters: units, kernel: 1, bias, frozen }, row, place);
};

const flatten: Plans<Extract<Layer, { layer: "flatten" }>> = (building, _, x) => {
  if (x.height === 1 && x.width === 1) return x;
  const out = image(building, { height: 1, width: 1, channels: x.height * x.width * x.channels }, x.learns);
  building.steps.push({ step: "flatten", in: x, out });
  return out;
};

const norm: Plans<Extract<Layer, { layer: "batch norm" | "group norm" }>> = (building, layer, x, place) => {
  const { epsilon = 1e-5, frozen = false } = layer;
  const { places, layers, steps } = building;
  const { channels } = x;
  const batch = layer.layer === "batch norm";
  if (!batch && channels % layer.groups !== 0)
    throw new RangeError(
      `${place} has ${layer.groups} groups, which must divide the ${channels} channels of its input.`,
    );
  const group = batch ? 0 : channels / layer.groups;
  if (group * x.height * x.width === 1)
    throw new RangeError(
      `${place} normalises each of its input's ${shapeOf(x)} values by itself, which leaves nothing of it; use fewer groups.`,
    );
  const out = image(building, x, !frozen || x.learns);
  const gamma = places.row("scales", channels, !frozen, 1);
  const beta = places.row("shifts", channels, !frozen, 0);
  const running = batch
    ? { mean: places.row("means", channels, !frozen, 0), variance: places.row("variances", channels, !frozen, 1) }
    : undefined;
  layers.push([gamma, beta, ...(running ? [running.mean, running.variance] : [])]);
  const momentum = batch ? (layer.momentum ?? 0.1) : 0;
  const step: NormStep = {
    ...{ step: "norm", in: x, out, place, group, epsilon, momentum, gamma, beta, running, learns: !frozen },
    rectify: false,
  };
  steps.push(step);
  return out;
};

/** ReLU, in the step of a normalisation or in place where nothing else needs what came before. */
const relu: Plans<Extract<Layer, { layer: "relu" }>> = ({ images, steps }, _, x) => {
  const before = steps.at(-1);
  if (!x.kept && before?.step === "norm" && before.out === x && !before.rectify) {
    before.rectify = true;
    return x;
  }
  const out = x.kept || before?.out !== x ? { ...x, border: 0, kept: false } : x;
  if (out !== x) images.push(out);
  steps.push({ step: "relu", in: x, out });
  return out;
};

const pool: Plans<Extract<Layer, { layer: "max pool" | "average pool" }>> = (building, layer, x, place) => {
  const size = pair(layer.size);
  const { padding = 0 } = layer;
  if (layer.stride === undefined && size[0] !== size[1])
    throw new RangeError(`${place} (${layer.layer}) has a window of ${size.join(" × ")}; it needs "stride" too.`);
  if (padding >= Math.min(...size))
    throw new RangeError(
      `${place} (${layer.layer}) has padding ${padding}, which must be less than its window of ${size.join(" × ")}.`,
    );
  const sweep = { size, stride: layer.stride ?? size[0], padding };
  const out = image(building, { ...swept(x, sweep, place), channels: x.channels }, x.learns);
  building.steps.push({ step: layer.layer, in: x, out, sweep });
  return out;
};

const residual: Plans<Extract<Layer, { layer: "residual" }>> = (building, layer, x, place) => {
  if (layer.layers.length === 0) throw new RangeError(`${place}.layers needs at least one layer.`);
  const { steps } = building;
  const { kept } = x;
  x.kept = true; // the shortcut needs it as it is
  const [layers, shortcut] = [layer.layers, layer.shortcut ?? []].map((inner) =>
    layer.frozen ? inner.map((one) => ({ ...one, frozen: true })) : inner,
  );
  const main = planned(building, layers, x, `${place}.layers`);
  // A normalisation at the end adds the shortcut in its own step, which therefore comes after it.
  const last = steps.at(-1);
  const end = last?.step === "norm" && last.out === main && isBare(last) && !main.kept ? last : undefined;
  if (end) steps.pop();
  const other = planned(building, shortcut, x, `${place}.shortcut`);
  x.kept = kept;
  if (["height", "width", "channels"].some((side) => main[side as "height"] !== other[side as "height"]))
    throw new RangeError(
      `${place}.layers end in ${shapeOf(main)} and its shortcut in ${shapeOf(other)}; a residual adds them, so they must be alike.`,
    );
  main.learns ||= other.learns;
  if (end) {
    end.other = other;
    steps.push(end);
    return main;
  }
  const out = main.kept || readsOutput(last) ? image(building, main, main.learns) : main;
  steps.push({ step: "add", in: main, out, other });
  return out;
};

/** Whether a normalisation's step has nothing added and nothing rectified yet. */
const isBare = ({ other, rectify }: NormStep): boolean => other === undefined && !rectify;

/** Whether a step's way back reads what it gave, which must therefore stay. */
const readsOutput = (step: AnyStep | undefined): boolean =>
  step?.step === "relu" || step?.step === "max pool" || (step?.step === "norm" && step.rectify);

function globalAverage(building: Building, x: Image, place: string): Image {
  return pool(building, { layer: "average pool", size: [x.height, x.width], stride: 1 }, x, place);
}

/** Plans one layer. @returns its output */
function layerOn(building: Building, layer: Layer, x: Image, place: string): Image {
  switch (layer.layer) {
    case "conv":
    case "depthwise conv":
      return conv(building, layer, x, `${place} (${layer.layer})`);
    case "dense":
      return dense(building, layer, x, place);
    case "flatten":
      return flatten(building, layer, x, place);
    case "batch norm":
    case "group norm":
      return norm(building, layer, x, `${place} (${layer.layer})`);
    case "relu":
      return relu(building, layer, x, place);
    case "global average":
      return globalAverage(building, x, place);
    case "residual":
      return residual(building, layer, x, place);
    case "max pool":
    case "average pool":
      return pool(building, layer, x, place);
    default:
      return layer satisfies never;
  }
}

function planned(building: Building, layers: readonly Layer[], input: Image, place: string): Image {
  return layers.reduce((x, layer, i) => {
    const here = `${place}[${i}]`;
    const out = layerOn(building, layer, x, here);
    if (layer.name !== undefined) {
      if (building.named.has(layer.name))
        throw new RangeError(`${here} is called "${layer.name}", as another layer is; give it another name.`);
      building.named.set(layer.name, out);
      if (layer.name === building.wanted) out.kept = true;
    }
    return out;
  }, input);
}

/**
 * Plans a network: the layers, then a dense layer of the outputs.
 * @param shape the shape of an input: rows, columns, channels, or fewer numbers for a row of values
 * @param wanted the name of the layer whose output `features` answers; "": the last layer's inputs
 * @throws RangeError for layers that do not fit each other
 */
export function planNetwork(layers: readonly Layer[], shape: readonly number[], outputs: number, wanted: string): Plan {
  const places = createPlaces();
  const building: Building = { places, images: [], steps: [], layers: [], named: new Map(), wanted };
  const [height, width, channels] = shape.length === 3 ? shape : shape.length === 2 ? [...shape, 1] : [1, 1, shape[0]];
  if (shape.length > 3)
    throw new RangeError(`convnet takes images of rows × columns × channels, not ${shape.join(" × ")}.`);
  const input = image(building, { height, width, channels }, false);
  input.kept = true;
  const trunk = planned(building, layers, input, "layers");
  const row = flatten(building, { layer: "flatten" }, trunk, "");
  const features = wanted === "" ? row : building.named.get(wanted);
  if (features === undefined)
    throw new RangeError(`features is "${wanted}", but no layer has this name${namesOf(building.named)}.`);
  features.kept = true;
  const logits = dense(building, { layer: "dense", units: outputs }, row, "the output layer");
  return { ...building, input, logits, features, length: places.length };
}

const namesOf = (named: ReadonlyMap<string, Image>): string =>
  named.size === 0 ? "" : `; the names are ${[...named.keys()].map((name) => `"${name}"`).join(", ")}`;
