import { readFileSync } from "node:fs";

/** What other libraries found: see reference.py. */
interface Reference {
  /** Degrees of freedom, alpha, t. */
  student: [df: number, alpha: number, t: number][];
  estimates: { values: number[]; mean: number; deviation: number; interval: [number, number] }[];
  signFlips: { first: number[]; second: number[]; p: number }[];
  holm: { p: number[]; adjusted: number[] }[];
  iqm: { values: number[]; iqm: number }[];
  bootstrap: {
    scores: number[][];
    iqm: number;
    interval: [number, number];
    thresholds: number[];
    profile: number[];
    bands: [number, number][];
  };
  words: { seed: number; words: number[] }[];
}

export const reference = JSON.parse(readFileSync(new URL("reference.json", import.meta.url), "utf8")) as Reference;
