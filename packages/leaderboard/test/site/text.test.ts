import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { el, render, scriptJson } from "../../src/site/markup.js";
import { linkToPath } from "../../src/site/page.js";
import { quoted } from "../../src/site/provenance.js";
import { slugs } from "../../src/site/slugs.js";
import {
  bytes,
  count,
  duration,
  points,
  probability,
  quantity,
  ranges,
  signedPoints,
} from "../../src/tables/format.js";
import { attacks, hostile } from "../hostile.js";

describe("markup", () => {
  it("is written with every text and every attribute escaped", () => {
    expect(
      render(el("p", { title: `"'<>&`, hidden: true, id: null, lang: undefined, dir: false }, "<b>", 1, null)),
    ).toBe('<p title="&quot;&apos;&lt;&gt;&amp;" hidden>&lt;b&gt;1</p>');
    expect(render(el("br"))).toBe("<br>");
    // What came from JSON is text, even if it has an element's shape.
    const forged = JSON.parse(JSON.stringify(el("script", { src: "x" }, "alert(1)"))) as string;
    expect(render(el("p", {}, forged))).toBe("<p>[object Object]</p>");
    expect(render(el("p", {}, ["<b>"] as unknown as string))).toBe("<p>&lt;b&gt;</p>");
  });

  it("holds JSON that cannot end its element and reads back", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.jsonValue()), (value) => {
        const text = scriptJson(value);
        expect(text).not.toMatch(/<|\u2028|\u2029/);
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe("slugs", () => {
  it("are names that every file system takes, each once, and leave good names alone", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 60 }), (texts) => {
        const found = slugs(texts);
        expect(new Set(found).size).toBe(texts.length);
        for (const slug of found) {
          expect(slug).toMatch(/^[a-z0-9_][a-z0-9._-]{0,80}$/);
          expect(slug).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/);
        }
      }),
    );
    expect(slugs(["er-200", "mer", "er-200", "ER 200", "er-200-2", "con", "con.x", "..", ""])).toEqual([
      "er-200",
      "mer",
      "er-200-2",
      "er-200-3",
      "er-200-2-2",
      "x-con",
      "x-con.x",
      "x-",
      "x--2",
    ]);
  });
});

describe("links and commands", () => {
  it("stay relative, whatever a path says", () => {
    fc.assert(
      fc.property(hostile, (path) => {
        const link = linkToPath("runs/x.html", path);
        expect(new URL(link, "http://site.invalid/a/b/runs/x.html").host).toBe("site.invalid");
        expect(link).toMatch(/^\.\.\/[\w.~%!'()*/-]*$/);
      }),
    );
    expect(linkToPath("runs/x.html", "receipts/a b/seed-0.json")).toBe("../receipts/a%20b/seed-0.json");
  });

  it("hand a shell one word, and no option", () => {
    const texts = fc.sample(hostile, { numRuns: 150, seed: 1 }).filter((text) => text !== "");
    const words = [...attacks.filter((text) => text !== ""), ...texts].map((text) =>
      text.replace(/\p{Surrogate}/gu, "?"),
    );
    const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(quoted).join(" ")}`], { encoding: "utf8" });
    const expected = words.map((word) => `${word.startsWith("-") ? "./" : ""}${word.replace(/\p{Cc}/gu, "\uFFFD")}`);
    expect(printed.split("\0").slice(0, -1)).toEqual(expected);
    expect(quoted("er-200.json")).toBe("er-200.json");
  });
});

describe("numbers", () => {
  it("are written for people", () => {
    expect([0.12345, -0.12345, -0.0001, null, Number.NaN].map((value) => points(value))).toEqual([
      "12.3",
      "−12.3",
      "0.0",
      "–",
      "–",
    ]);
    expect([0.015, -0.015, 0, 0.0001].map((value) => signedPoints(value))).toEqual(["+1.5", "−1.5", "0.0", "0.0"]);
    expect([0, 999, 1000, 20_149_500].map(count)).toEqual(["0", "999", "1,000", "20,149,500"]);
    expect([0.03125, 1.5, 22, 1007.4, 5e9].map(quantity)).toEqual(["0.0313", "1.5", "22", "1,007", "5e9"]);
    expect([12, 358_440, 4_450_000, 2e9].map(bytes)).toEqual(["12 B", "358 kB", "4.45 MB", "2 GB"]);
    expect([12.34, 150, 7200].map(duration)).toEqual(["12.3 s", "3 min", "2 h"]);
    expect([0.5, 0.0019, 0.00099, 0].map(probability)).toEqual(["0.500", "0.002", "< 0.001", "< 0.001"]);
    expect([[], [3], [0, 1, 2, 5, 7, 8]].map(ranges)).toEqual(["–", "3", "0–2, 5, 7–8"]);
  });
});
