import { deserialize, serialize } from "node:v8";
import type { LearnerSide } from "@everlearn/composition";
import type { Example, State } from "@everlearn/contracts";
import { type Request, respond } from "@everlearn/loop";

import { type Frame, type Packed, unpackExamples, unpackQueries } from "@everlearn/program";
import { type ReplyHeader, sentError, sentLearned } from "./messages.js";

/** Does what a frame asks of a learner. @returns the frame of the reply */
export function answer(side: LearnerSide, frame: Frame): { header: Frame["header"]; body?: Uint8Array } {
  const reply = (rest: Partial<ReplyHeader>): Frame["header"] => ({
    ...{ type: "reply", gradients: side.gradients() },
    ...rest,
  });
  try {
    const { type } = frame.header;
    if (type === "load") {
      // A copy: arrays of the state lie in these bytes, and the next frame is read into the same memory.
      const parts = deserialize(frame.body.slice()) as Readonly<Record<string, State>>;
      for (const [place, state] of Object.entries(parts)) side.parts[place].load(state);
      return { header: reply({}) };
    }
    if (type === "theta") {
      const theta = side.network?.theta.toArray();
      return { header: reply({ network: theta !== undefined }), ...(theta && { body: bytesOf(theta) }) };
    }
    const { gradients, learned, answers, features, parts, bytes, error } = respond(side, requestIn(frame));
    const header: ReplyHeader = {
      ...{ type: "reply", gradients },
      ...(learned && { learned: sentLearned(learned) }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(error === undefined ? {} : { error: sentError(error) }),
    };
    if (parts) return { header: { ...header }, body: serialize(parts) };
    const values = answers ? Uint16Array.from(answers) : features;
    return { header: { ...header }, ...(values && { body: bytesOf(values) }) };
  } catch (error) {
    return { header: reply({ error: sentError(error) }) };
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The request of the loop that a frame holds. */
function requestIn({ header, body }: Frame): Request {
  const packed = header as unknown as Packed & { readonly sizes: readonly number[] };
  switch (header.type) {
    case "train": {
      const examples = unpackExamples(packed, body);
      const batches: Example[][] = [];
      let at = 0;
      for (const size of packed.sizes) batches.push(examples.slice(at, (at += size)));
      return { type: "train", batches };
    }
    case "answer":
    case "features":
      return { type: header.type, queries: unpackQueries(packed, body) };
    case "endTask":
    case "save":
      return { type: header.type };
  }
  throw new RangeError(`There is no request "${header.type}" in this version of the protocol.`);
}
