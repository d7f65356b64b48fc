import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, loadLayersModel } from "@tensorflow/tfjs-layers";

interface Content {
  readonly json: Uint8Array;
  readonly document: tf.io.ModelJSON;
  readonly weights: Uint8Array;
}

/**
 * The model of a file as `model.save` and tensorflowjs_converter write it, with the weights beside it.
 * @param shown the path as it was written
 * @throws RangeError where it is no such file
 */
export async function readModel(path: string, shown: string): Promise<LayersModel> {
  const { document, weights } = read(path, shown);
  const weightSpecs = document.weightsManifest.flatMap((group) => group.weights);
  try {
    // What the file says of its former training, such as the optimizer, is not asked for.
    return await loadLayersModel(
      tf.io.fromMemory({
        modelTopology: document.modelTopology,
        weightSpecs,
        weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length) as ArrayBuffer,
      }),
    );
  } catch (error) {
    throw new RangeError(
      `The model "${shown}" cannot be made from its file: ${(error as Error).message.split("\n")[0]}`,
      {
        cause: error,
      },
    );
  }
}

/** 16 hex digits of the SHA-256 of the file and of the weights beside it. @throws RangeError */
export function versionOfModel(path: string, shown: string): string {
  const { json, weights } = read(path, shown);
  return createHash("sha256").update(json).update(weights).digest("hex").slice(0, 16);
}

function read(path: string, shown: string): Content {
  const json = bytesOf(path, shown);
  let document: Partial<tf.io.ModelJSON> | null;
  try {
    document = JSON.parse(Buffer.from(json).toString("utf8")) as typeof document;
  } catch (error) {
    throw new RangeError(`The model "${shown}" is no JSON.`, { cause: error });
  }
  if (document?.format === "graph-model")
    throw new RangeError(
      `The model "${shown}" is a graph model, which cannot be trained; convert it with --output_format=tfjs_layers_model.`,
    );
  if (typeof document?.modelTopology !== "object" || !Array.isArray(document.weightsManifest))
    throw new RangeError(
      `The file "${shown}" is no model of TensorFlow.js: it lacks ${document?.modelTopology ? "weightsManifest" : "modelTopology"}.`,
    );
  const paths = document.weightsManifest.flatMap((group) => group.paths);
  const weights = Buffer.concat(paths.map((name) => bytesOf(join(dirname(path), name), shown)));
  return { json, document: document as tf.io.ModelJSON, weights };
}

function bytesOf(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RangeError(`Of the model "${shown}" the file ${path} cannot be read (${code}).`, { cause: error });
  }
}
