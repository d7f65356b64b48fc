import { createHash } from "node:crypto";
import type { Input, Stream } from "@everlearn/contracts";

/** Examples whose hash is taken together. */
const BLOCK = 256;

/** SHA-256 of the hashes of blocks of training and test examples, in order, whatever the order in which they are built. */
export function streamHash(stream: Stream, reverse: boolean): string {
  const parts = [
    ...Array.from({ length: stream.experiences }, (_, i) => () => stream.train(i)),
    ...Array.from({ length: stream.tasks }, (_, task) => () => ({ ...stream.test(task), task: () => task })),
  ];
  const order = <T>(values: T[]) => (reverse ? values.reverse() : values);
  const hashes = parts.map((): string[] => []);
  for (const part of order([...parts.keys()])) {
    const examples = parts[part]();
    const blocks = Math.ceil(examples.length / BLOCK);
    for (const block of order(Array.from({ length: blocks }, (_, i) => i))) {
      const places = Array.from(
        { length: Math.min(BLOCK, examples.length - block * BLOCK) },
        (_, i) => block * BLOCK + i,
      );
      const read = new Map<number, string | Uint8Array>();
      for (const i of order([...places])) read.set(i, bytesOf(examples.input(i), examples.label(i), examples.task(i)));
      const hash = createHash("sha256");
      for (const i of places) hash.update(read.get(i) as Uint8Array);
      hashes[part][block] = hash.digest("hex");
    }
  }
  return createHash("sha256").update(hashes.flat().join("\n")).digest("hex");
}

function bytesOf(x: Input, label: number, task: number): Uint8Array {
  const numbers = Uint32Array.of(label, task);
  const bytes = new Uint8Array(8 + x.byteLength);
  bytes.set(new Uint8Array(numbers.buffer));
  bytes.set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength), 8);
  return bytes;
}
