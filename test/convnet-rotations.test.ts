// A convolutional network learns a stream of rotated digits: those that everlearn draws, and MNIST where it is at hand.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { compose, readSpecs } from "@everlearn/host";
import { run } from "@everlearn/runner";
import { expect, it } from "vitest";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

const specs = await readSpecs(join(root, "benchmarks/suites/convnet-rotations/rotations.json"));
const data = process.env.EVERLEARN_DATA;
const hasMnist = data !== undefined && existsSync(join(data, "mnist"));
if (!hasMnist) console.warn("convnet-rotations: MNIST is not tried; EVERLEARN_DATA names no folder with mnist/.");
