// What an attacker sends: specs and files, made from good ones by a seeded generator.
import { random } from "@everlearn/random";

const long = "x".repeat(100_000);
/** Values that have broken programs before. */
const values = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e15, 1e300, -1e300, Number.MAX_SAFE_INTEGER, 2 ** 53, 1e-320],
  ...["", " ", "\0", "\u001b[2J", "..", "../../etc/passwd", "/dev/zero", "/dev/stdin", "/", "con", "aux.txt", "a."],
  ...["__proto__", "constructor", "\ud800", "\u202eabc", "=cmd()", "<script>alert(1)</script>", long, "NaN", "1e999"],
  ...[[], {}, [[]], [{}], { use: "er" }, { use: "/dev/zero" }, { use: "../x.mjs" }, { use: "er", of: { use: "er" } }],
  ...[Array.from({ length: 20_000 }, () => 1), Array.from({ length: 300 }, (_, i) => ({ name: `r${i}` }))],
];
/** Pieces of text that JSON's grammar, or a reader of lines, may stumble over. */
const pieces = ["[".repeat(20_000), "{", "}", '"', ",", "1e999", "-0.0", "\\ud800", "\0", "\n", "﻿", '"__proto__":1,'];

/** A generator of choices for one attack. */
export function chooser(seed, kind, index) {
  const generator = random(seed, `attack/${kind}`).fork(index);
  return {
    below: (bound) => generator.integer(bound),
    of: (list) => list[generator.integer(list.length)],
  };
}

function placesIn(value, path = []) {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.keys(value).flatMap((key) => placesIn(value[key], [...path, key]))];
}

/** A document with one or two of its values replaced, removed, renamed or repeated. */
export function mutated(document, choose) {
  const copy = structuredClone({ document });
  for (let left = 1 + choose.below(2); left > 0; left--) {
    const path = choose.of(placesIn(copy.document).map((place) => ["document", ...place]));
    const key = path.at(-1);
    let parent = copy;
    for (const step of path.slice(0, -1)) parent = parent[step];
    if (typeof parent !== "object" || parent === null) continue;
    const action = choose.below(5);
    if (action === 0) delete parent[key];
    else if (action === 1) parent[`${key}${choose.of(["", "s", " ", "/of", "\0"])}`] = choose.of(values);
    else if (action === 2 && Array.isArray(parent)) parent.push(parent[key], parent[key]);
    else parent[key] = choose.of(values);
  }
  return copy.document;
}

/** Text with a few of its bytes changed, removed, repeated or inserted, or its end cut off. */
export function damaged(bytes, choose) {
  let text = Buffer.from(bytes);
  for (let left = 1 + choose.below(3); left > 0; left--) {
    const at = choose.below(text.length + 1);
    const length = choose.below(Math.min(64, text.length - at + 1));
    const [before, after] = [text.subarray(0, at), text.subarray(at)];
    const action = choose.below(6);
    if (action === 0) text = Buffer.from(before);
    else if (action === 1) text = Buffer.concat([before, after.subarray(length)]);
    else if (action === 2) text = Buffer.concat([before, after.subarray(0, length), after]);
    else if (action === 3) text = Buffer.concat([before, Buffer.from(choose.of(pieces)), after]);
    else if (at < text.length) {
      text = Buffer.from(text);
      if (action === 4) text[at] ^= 1 << choose.below(8);
      else text[at] = 48 + choose.below(10); // another number, where it was one
    }
  }
  return text;
}

/** Texts that do harm where they are taken for markup, a formula, a command, a path, or a terminal's own language. */
const texts = [
  ...["<script>hit()</script>", "</script><script>hit()</script>", "<img src=x onerror=hit()>", '"><svg onload=hit()>'],
  ...["javascript:hit()", "<!--", "]]>", "{{hit()}}", "${hit()}", "=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "@SUM(1)"],
  ...[
    "\t=1+1",
    "\r=1+1",
    "| a |\n| - |",
    "[x](javascript:hit())",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "% # & _ ^ ~",
  ],
  ...["\u001b[2J", "\u001b]0;title\u0007", "\u009b31m", "\u0007", "\b\b\b", "\r", "\n", "\u0000", "\u007f", "\u0085"],
  ...["\u202egnp.exe", "\u2066x\u2069", "\u200f", "\u2028", "\ufeff", "\ud800", "\udfff", "e\u0301", "😀".repeat(30)],
  ...["../..", "/dev/zero", "C:\\con", "a/../b", "--help", "-", "~", "$(reboot)", "`id`", "'; rm -rf / #", "nul", " "],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "a".repeat(3000),
    "%00",
    "%2e%2e",
    "file:///etc/passwd",
    "data:text/html,x",
  ],
];

/** A text of one to three of them, among letters or not. */
export function hostileText(choose) {
  const parts = Array.from({ length: 1 + choose.below(3) }, () =>
    choose.of([choose.of(texts), choose.of(texts), "er"]),
  );
  return parts.join(choose.of(["", "", " ", "x"]));
}
