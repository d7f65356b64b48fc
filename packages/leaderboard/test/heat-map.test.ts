import { describe, expect, it } from "vitest";
import { accuracyHeatMap } from "../src/index.js";
import { colourOf, hexOf, inkOn, missingColour, palette } from "../src/palette.js";
import { constant, madeUp, recurring, sparse } from "./results.js";

/** What keeps a text from being well-formed: tags that do not nest, bare or doubled attributes, a bare & or <. */
function flaws(xml: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  let roots = 0;
  const references = /&(amp|lt|gt|quot|apos);/g;
  const tags = /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;
  const rest = xml.replace(tags, (tag: string, end: string, name: string, attributes: string, empty: string) => {
    const names = Array.from(attributes.matchAll(/([\w:-]+)="/g), ([, attribute]) => attribute);
    if (new Set(names).size < names.length || attributes.replace(references, "").includes("&")) found.push(tag);
    if (end && open.pop() !== name) found.push(tag);
    if (!end && open.length === 0) roots++;
    if (!end && !empty) open.push(name);
    return "";
  });
  if (open.length > 0 || roots !== 1) found.push(`${roots} roots, open: ${open.join()}`);
  return [...found, ...(rest.replace(references, "").match(/[<>&]/g) ?? [])];
}

function group(svg: string, name: string): string {
  return svg.split(`<g class="${name}"`)[1].split("</g>")[0];
}

function count(text: string, pattern: RegExp): number {
  return Array.from(text.matchAll(pattern)).length;
}

/** WCAG 2.2's relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function oklab(hex: string): [number, number, number] {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

it("the check of well-formedness finds flaws", () => {
  expect(flaws('<a x="1"><b/>t &amp; u</a>')).toEqual([]);
  for (const wrong of [
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "<a>&</a>",
    "<a>x < y</a>",
    '<a x="1" x="2"/>',
    '<a x="&"/>',
    "<a x=1/>",
  ])
    expect(flaws(wrong)).not.toEqual([]);
});

describe("the palette", () => {
  const levels = Array.from({ length: 201 }, (_, i) => i / 200);

  it("takes steps of equal size in OKLab, each lighter than the last", () => {
    const stops = palette.map(oklab);
    const steps = stops.slice(1).map((stop, i) => Math.hypot(...stop.map((value, k) => value - stops[i][k])));
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    for (const step of steps) expect(Math.abs(step / mean - 1)).toBeLessThan(0.06);
    const lightness = levels.map((level) => oklab(hexOf(colourOf(level)))[0]);
    lightness.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(lightness[i]));
  });

  it("passes through its stops and runs straight between them", () => {
    expect(hexOf(colourOf(0))).toBe(palette[0]);
    expect(hexOf(colourOf(0.5))).toBe(palette[8]);
    expect(hexOf(colourOf(1))).toBe(palette[16]);
    expect(colourOf(0.03)).toEqual([0x27, 0x0d, 0x5a]); // 0.48 of the way from #270154 to #281960
    expect(colourOf(Number.NaN)).toBe(missingColour);
  });

  it("carries readable text (WCAG AA, 4.5 : 1) at every level", () => {
    for (const colour of [...levels.map(colourOf), missingColour])
      expect(contrast(hexOf(colour), inkOn(colour))).toBeGreaterThan(4.5);
  });
});

describe("accuracyHeatMap", () => {
  it.each([1, 2, 5, 12, 13, 25, 26, 100])("is well-formed, self-contained and labelled for %i tasks", (tasks) => {
    const svg = accuracyHeatMap(madeUp(tasks));
    expect(flaws(svg)).toEqual([]);
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" role="img" [^>]*>\n<title>er · seed 0<\/title>\n<desc>/,
    );
    expect(svg).toContain("Retained accuracy (RA) 73.5% · learning accuracy (LA) 90.0%");
    expect(svg).toContain(">tested on task</text>");
    expect(svg).toMatch(/>after (training on )?task<\/text>/);
    expect(svg).toMatch(/>0%<.*\n.*>\d+%</);
    expect(svg).not.toMatch(/script|href|url\(|NaN|undefined|Infinity|\sid=/);
    expect(svg.length).toBeLessThan(300_000);
  });

  it("gives every cell a rectangle, its colour, its number and a tooltip while there are few", () => {
    const result = madeUp(5);
    const cells = group(accuracyHeatMap(result), "cells");
    const fills = Array.from(cells.matchAll(/<rect [^>]*fill="(#\w+)"><title>([^<]*)/g));
    expect(fills.map(([, fill]) => fill)).toEqual(result.accuracy.flat().map((value) => hexOf(colourOf(value))));
    expect(fills[7][2]).toBe(`After task 2, tested on task 3: ${(100 * result.accuracy[1][2]).toFixed(1)}%`);
    const numbers = Array.from(cells.matchAll(/>([\d.]+)<\/text>/g), ([, number]) => number);
    expect(numbers).toEqual(result.accuracy.flat().map((value) => (100 * value).toFixed(1)));
  });

  it("drops the numbers above 12 tasks and marks the diagonal at any size", () => {
    expect(count(group(accuracyHeatMap(madeUp(12)), "cells"), /<text/g)).toBe(144);
    expect(count(group(accuracyHeatMap(madeUp(13)), "cells"), /<text/g)).toBe(0);
    expect(count(group(accuracyHeatMap(madeUp(13)), "cells"), /<rect/g)).toBe(169);
    expect(count(group(accuracyHeatMap(madeUp(13)), "diagonal"), /<rect/g)).toBe(13);
    expect(group(accuracyHeatMap(madeUp(30)), "diagonal")).toContain("M0 0h16v16h16");
  });

  it("covers every cell of a large R exactly once, in its colour", () => {
    const result = madeUp(40);
    const side = 40;
    const cell = 12;
    const seen = new Map<number, string>();
    for (const [, fill, path] of group(accuracyHeatMap(result), "cells").matchAll(/fill="(#\w+)" d="([^"]*)"/g))
      for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v12h-\d+z/g))
        for (let k = 0; k < Number(run) / cell; k++) {
          const at = (Number(y) / cell) * side + Number(x) / cell + k;
          expect(seen.has(at)).toBe(false);
          seen.set(at, fill);
        }
    expect(seen.size).toBe(side * side);
    result.accuracy.flat().forEach((value, at) => expect(seen.get(at)).toBe(hexOf(colourOf(value))));
    expect(count(group(accuracyHeatMap(constant(40, 0.5)), "cells"), /M/g)).toBe(40); // one run a row
  });

  it("labels every task while there is room, then the first and round ones", () => {
    const labels = (tasks: number): string[] => [
      ...new Set(Array.from(group(accuracyHeatMap(madeUp(tasks)), "ticks").matchAll(/>(\d+)</g), ([, label]) => label)),
    ];
    expect(labels(20)).toHaveLength(20);
    expect(labels(30)).toEqual(["1", "5", "10", "15", "20", "25", "30"]);
    expect(labels(100)).toEqual(["1", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100"]);
  });

  it("escapes names and titles, and shortens what does not fit", () => {
    const name = `<er> & "mer" 'x'\u0000\uD800`;
    const svg = accuracyHeatMap({ ...madeUp(3), name });
    expect(flaws(svg)).toEqual([]);
    expect(svg).toContain("<title>&lt;er&gt; &amp; &quot;mer&quot; &apos;x&apos;\uFFFD\uFFFD · seed 0</title>");
    const long = "x".repeat(500);
    const titled = accuracyHeatMap(madeUp(3), { title: long });
    expect(titled).toContain(`<title>${long}</title>`);
    expect(titled).toMatch(/>x{30,40}…<\/text>/);
    expect(accuracyHeatMap({ ...madeUp(3), name: long })).toMatch(/>x{20,35}… · seed 0<\/text>/);
  });

  it("gives equal bytes for equal results", () => {
    for (const tasks of [5, 100])
      expect(accuracyHeatMap(madeUp(tasks))).toBe(accuracyHeatMap(structuredClone(madeUp(tasks))));
  });

  it("shows what is missing as missing", () => {
    const svg = accuracyHeatMap({ ...constant(2, Number.NaN), metrics: { retainedAccuracy: null } });
    expect(svg).toContain("(RA) – · learning accuracy (LA) –");
    expect(count(group(svg, "cells"), /fill="#ffffff"><title>After task \d, tested on task \d: not evaluated</g)).toBe(
      4,
    );
    expect(group(svg, "cells")).not.toContain("<text");
  });

  it("leaves blank what was not evaluated, and nothing else", () => {
    const { accuracy } = madeUp(5);
    const cells = group(accuracyHeatMap(sparse(5)), "cells");
    const whole = group(accuracyHeatMap(madeUp(5)), "cells");
    expect(count(cells, /not evaluated/g)).toBe(25 - 5 - 2 * 4);
    expect(count(cells, /<text/g)).toBe(13);
    expect(whole).toContain(`>${(100 * accuracy[4][0]).toFixed(1)}</text>`);
    for (const line of cells.split("\n")) if (!line.includes("not evaluated")) expect(whole).toContain(line);
    const large = group(accuracyHeatMap(sparse(40)), "cells");
    expect(count(large, /h12v/g) + count(large, /h24v/g)).toBeGreaterThan(39);
    expect(large).not.toContain("#ffffff");
    expect(flaws(accuracyHeatMap(sparse(40)))).toEqual([]);
  });

  it.each([
    [[0, 1, 0, 2, 1], 3],
    [[0, 1], 20],
    [Array.from({ length: 30 }, (_, i) => i % 2), 2],
    [Array.from({ length: 14 }, (_, i) => i % 2), 40],
  ])("draws experiences × tasks: %j × %i", (order, tasks) => {
    const result = recurring(order, tasks);
    const svg = accuracyHeatMap(result);
    expect(flaws(svg)).toEqual([]);
    expect(svg).toMatch(/>after( experience)?<\/text>/);
    expect(svg).toContain("a row for each experience, a column for each task tested on");
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    const ticks = Array.from(group(svg, "ticks").matchAll(/ x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(\d+)</g));
    for (const [, x, y, anchor, label] of ticks) {
      expect(Number(x)).toBeLessThan(Number(width));
      expect(Number(y)).toBeLessThan(Number(height));
      expect(Number(label)).toBeLessThanOrEqual(anchor === "end" ? order.length : tasks);
    }
    if (order.length > 25 || tasks > 25) return expect(group(svg, "diagonal").trim().split("\n")).toHaveLength(1);
    expect(count(group(svg, "cells"), /<rect/g)).toBe(order.length * tasks);
    const tips = Array.from(group(svg, "cells").matchAll(/<title>([^<]*)/g), ([, tip]) => tip);
    expect(tips[tasks + 1]).toBe(`After experience 2, tested on task 2: ${(100 * result.accuracy[1][1]).toFixed(1)}%`);
    const places = (text: string) =>
      Array.from(text.matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/g), ([, x, y]) => [x, y]);
    const corners = places(group(svg, "cells"));
    const framed = order.map((task, i) => corners[i * tasks + task].map((at) => String(Number(at) + 2.5)));
    expect(places(group(svg, "diagonal"))).toEqual(framed);
  });

  it("frames no task of an experience of several", () => {
    const mixed = {
      ...recurring([0, 0], 3),
      tasks: [
        [0, 1],
        [0, 2],
      ],
    };
    expect(group(accuracyHeatMap(mixed), "diagonal")).not.toContain("<rect");
    const { tasks: _, ...untold } = mixed;
    expect(accuracyHeatMap(untold)).toBe(accuracyHeatMap(mixed));
  });

  it("draws a result that does not name its tasks as one of the tasks in order", () => {
    expect(accuracyHeatMap({ ...madeUp(4), tasks: [[0], [1], [2], [3]] })).toBe(accuracyHeatMap(madeUp(4)));
    expect(accuracyHeatMap({ ...madeUp(4), tasks: [[1], [0], [2], [3]] })).toContain(">after experience</text>");
  });

  it("refuses an R that is empty, not a matrix or in percent", () => {
    const broken = (accuracy: number[][]) => () => accuracyHeatMap({ ...madeUp(1), accuracy });
    expect(broken([])).toThrow('The accuracy matrix of "er", seed 0, is empty');
    expect(broken([[0.5, 0.5], [0.5]])).toThrow("row 1 has length 1");
    expect(broken([[73]])).toThrow("holds 73; give fractions between 0 and 1.");
  });
});
