import type { FastPaths } from "@everlearn/contracts";
import { mirrored } from "@everlearn/wasm";
import type { Engine } from "./engine.js";

/** The inner products of single terms' gradients, none of which is formed. */
export function createGradientGram({
  memory,
  layers,
  frames,
  theta,
  forwardAll,
  loss,
}: Engine): FastPaths["gradientGram"] {
  const { kernel } = memory;
  const { network } = frames;
  const dense = memory.take(Math.max(...layers.map(({ inputs }) => inputs)) * 8);
  let most = 0;
  let list = 0;
  let into = 0;
  return (batch) => {
    const n = batch.length;
    forwardAll(batch, frames.at, (term, frame) => {
      loss(term, frame);
      kernel.backward(network, theta.address, frame, 0);
    });
    if (n > most) {
      most = 2 * n;
      list = memory.take(most * 4);
      into = memory.take(most * most * 8);
    }
    for (let i = 0; i < n; i++) memory.words[list / 4 + i] = frames.at(i);
    memory.doubles.fill(0, into / 8, into / 8 + n * n);
    kernel.gradientGram(network, list, n, into, dense);
    return mirrored(memory.doubles.slice(into / 8, into / 8 + n * n), n);
  };
}
