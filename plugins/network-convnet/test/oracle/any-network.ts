import type { Random } from "@everlearn/contracts";
import type { Layer } from "../../src/index.js";
import type { Definition } from "./network.js";

/** A network of a few layers of any kind, with and without what can be left out. */
export function anyNetwork(draws: Random): Definition {
  const below = (n: number) => draws.integer(n);
  const maybe = <T extends object>(share: number, value: T): T | object => (draws.uniform() < share ? value : {});
  const divisor = (n: number) => {
    const all = Array.from({ length: n }, (_, i) => i + 1).filter((i) => n % i === 0);
    return all[below(all.length)];
  };
  const filters = () => [1, 3, 4, 5, 8, 16, 17, 20][below(8)];

  /** A layer that leaves an image's sides. */
  function level(channels: number, depth: number, next = channels): Layer {
    const extras = { ...maybe(0.1, { frozen: true }), ...maybe(0.3, { bias: false }) };
    if (next !== channels)
      return depth === 0 && below(2) === 0
        ? residual(channels, 1, next)
        : { layer: "conv", filters: next, padding: 1, ...extras };
    switch (below(depth > 1 ? 7 : 8)) {
      case 0:
        return { layer: "conv", filters: channels, kernel: 1, ...extras };
      case 1:
        return { layer: "depthwise conv", padding: 1, ...extras };
      case 2:
        return { layer: "group norm", groups: divisor(channels), ...maybe(0.1, { frozen: true }) };
      case 3:
        return { layer: "batch norm", ...maybe(0.2, { frozen: true }) };
      case 4:
        return { layer: "conv", filters: channels, padding: 1, groups: divisor(channels), ...extras };
      case 5:
        return { layer: below(2) === 0 ? "max pool" : "average pool", size: 3, stride: 1, padding: 1 };
      case 6:
        return { layer: "relu" };
      default:
        return residual(channels, depth + 1, channels);
    }
  }
  function residual(channels: number, depth: number, next: number): Layer {
    const path = (least: number): Layer[] => [
      ...Array.from({ length: below(2) }, () => level(channels, depth)),
      ...(next !== channels ? [level(channels, depth, next)] : []),
      ...Array.from({ length: least + below(2) }, () => level(next, depth)),
    ];
    return {
      layer: "residual",
      layers: path(1),
      ...(next !== channels || below(3) === 0 ? { shortcut: path(0) } : {}),
    };
  }

  const shape = [2 + below(6), 2 + below(6), 1 + below(5)];
  const layers: Layer[] = [];
  let channels = shape[2];
  for (let count = 1 + below(6); count > 0; count--) {
    const next = below(3) === 0 ? filters() : channels;
    layers.push(level(channels, 0, next));
    channels = next;
    if (below(2) === 0) layers.push({ layer: "relu" });
  }
  return { shape, outputs: 1 + below(9), layers, initialisation: below(2) === 0 ? "he" : "pytorch" };
}
