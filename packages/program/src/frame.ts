import { readSync, writeSync } from "node:fs";

/** A message between a run and its learner's process: a header in JSON, and bytes that it describes. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Bytes before a frame: the lengths of its header and its body, little-endian uint32 each. */
const PREFIX = 8;
/** Bytes of a body that are sent with the header, so that who waits is woken once. */
const SHORT = 2 ** 16;
/** The longest header and body that are accepted: what says that it is longer is no frame. */
const LONGEST = { header: 64 * 2 ** 20, body: 2 ** 31 };

/** The bytes of a frame before its body. */
export function headOf(header: Frame["header"], bodyLength: number): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.allocUnsafe(PREFIX + text.length);
  head.writeUInt32LE(text.length, 0);
  head.writeUInt32LE(bodyLength, 4);
  text.copy(head, PREFIX);
  return head;
}

/** @throws RangeError where they are longer than any frame's */
function lengthsIn(prefix: Buffer): { readonly header: number; readonly body: number } {
  const [header, body] = [prefix.readUInt32LE(0), prefix.readUInt32LE(4)];
  if (header > LONGEST.header || body > LONGEST.body)
    throw new RangeError("It is not a frame of everlearn's protocol for learners.");
  return { header, body };
}

function headerIn(text: Buffer): Frame["header"] {
  const header: unknown = JSON.parse(text.toString());
  if (typeof header !== "object" || header === null || typeof (header as Frame["header"]).type !== "string")
    throw new RangeError("A frame's header must be a JSON object with a type.");
  return header as Frame["header"];
}

/** Reads frames from a pipe, waiting for each. A frame is valid until the next is read. */
export function createFrameReader(file: number): () => Frame | undefined {
  const prefix = Buffer.alloc(PREFIX);
  let kept = new ArrayBuffer(2 ** 20);
  return () => {
    if (!fill(file, prefix)) return undefined;
    const { header, body } = lengthsIn(prefix);
    const text = Buffer.allocUnsafe(header);
    if (body > kept.byteLength) kept = new ArrayBuffer(body);
    const bytes = new Uint8Array(kept, 0, body);
    if (!fill(file, text) || !fill(file, bytes)) return undefined;
    return { header: headerIn(text), body: bytes };
  };
}

/** Fills an array from a pipe. @returns false where that has ended */
function fill(file: number, into: Uint8Array): boolean {
  for (let at = 0; at < into.length; ) {
    const count = patiently(() => readSync(file, into, at, into.length - at, null));
    if (count === 0) return false;
    at += count;
  }
  return true;
}

/** Writes a frame to a pipe, and waits until it is taken. */
export function writeFrame(file: number, header: Frame["header"], body: Uint8Array = new Uint8Array()): void {
  const head = headOf(header, body.length);
  for (const bytes of body.length < SHORT ? [Buffer.concat([head, body])] : [head, body])
    for (let at = 0; at < bytes.length; ) at += patiently(() => writeSync(file, bytes, at, bytes.length - at));
}

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Some systems' pipes do not wait. */
function patiently(act: () => number): number {
  for (;;)
    try {
      return act();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(clock, 0, 0, 1);
    }
}

/** Puts frames together from the chunks of a stream. @param onFrame hears each frame, whose bytes are its own */
export function createFrameParser(onFrame: (frame: Frame) => void): (chunk: Uint8Array) => void {
  let head: Buffer = Buffer.alloc(0);
  let lengths: { readonly header: number; readonly body: number } | undefined;
  let header: Frame["header"] | undefined;
  let body = new Uint8Array();
  let filled = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length || (header && filled === body.length); ) {
      if (header) {
        const part = chunk.subarray(at, at + body.length - filled);
        body.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < body.length) continue;
        const frame = { header, body };
        [head, lengths, header, filled] = [Buffer.alloc(0), undefined, undefined, 0];
        onFrame(frame);
        continue;
      }
      const wanted = lengths ? PREFIX + lengths.header : PREFIX;
      const part = chunk.subarray(at, at + wanted - head.length);
      head = Buffer.concat([head, part]);
      at += part.length;
      if (head.length < wanted) continue;
      if (!lengths) lengths = lengthsIn(head);
      if (head.length < PREFIX + lengths.header) continue;
      header = headerIn(head.subarray(PREFIX));
      body = new Uint8Array(lengths.body);
    }
  };
}
