import type { Receipt } from "@everlearn/records";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csv, latex, markdown, standings } from "../../src/index.js";
import { plainText } from "../../src/tables/plain-text.js";
import { csvCell } from "../../src/tables/csv.js";
import { escapeLatex } from "../../src/tables/latex.js";
import { escapeMarkdown } from "../../src/tables/markdown.js";
import { hostile } from "../hostile.js";
import { leaderboard, learners, madeUp } from "../receipts.js";

const suites = standings(leaderboard());
const rows = suites.flatMap(({ settings }) => settings).reduce((sum, { rows }) => sum + rows.length, 0);

/** Two seeds of two learners, every text of theirs a hostile one. */
function hostileReceipts(texts: readonly string[]): Receipt[] {
  const [a, b, c, d, e] = texts;
  const protocol = { suite: a, title: b };
  return [0, 1].flatMap((seed) =>
    [0, 1].map((i) =>
      madeUp({
        learner: learners[i],
        seed,
        name: c + i,
        spec: { protocol, settings: [d], label: i === 0 ? e : c, learner: { use: e } },
      }),
    ),
  );
}

const texts = fc.array(hostile, { minLength: 5, maxLength: 5 });

/** RFC 4180, by a machine of four states. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === '"' && text[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (character === '"') quoted = !quoted;
    else if (quoted) cell += character;
    else if (character === ",") {
      line.push(cell);
      cell = "";
    } else if (character === "\r" && text[i + 1] === "\n") {
      lines.push([...line, cell]);
      line = [];
      cell = "";
      i++;
    } else cell += character;
  }
  expect([quoted, line, cell]).toEqual([false, [], ""]);
  return lines;
}

describe("csv", () => {
  it("has a line for each row of each setting, numbers in full", () => {
    const [titles, ...lines] = parseCsv(csv(suites));
    expect(lines).toHaveLength(rows);
    const [suite] = suites;
    const [first] = suite.settings[0].rows;
    const cells = Object.fromEntries(titles.map((title, i) => [title, lines[0][i]]));
    expect(cells).toMatchObject({ suite: "permutations", setting: "permutations-200", rank: "1", label: "MER" });
    expect(Number(cells.retainedAccuracy)).toBe(first.score);
    expect(Number(cells.backwardTransferAndInterference)).toBe(first.backwardTransferAndInterference);
    expect(cells.backwardTransferAndInterference).toMatch(/^-0\.\d+$/); // a number, not text
    const preview = lines.find((line) => line[titles.indexOf("label")] === "A-GEM");
    expect(preview?.[titles.indexOf("rank")]).toBe("");
  });

  it("leaves no formula and no broken line, whatever receipts say", () => {
    fc.assert(
      fc.property(texts, (texts) => {
        const [titles, ...lines] = parseCsv(csv(standings(hostileReceipts(texts))));
        expect(lines).toHaveLength(2);
        for (const line of lines) {
          expect(line).toHaveLength(titles.length);
          for (const cell of line) if (!Number.isFinite(Number(cell))) expect(cell.trimStart()).not.toMatch(/^[=+\-@]/);
        }
        const labels = lines.map((line) =>
          line[titles.indexOf("label")].replace(/^'(?=[\s\p{Cc}]*[=+\-@＝＋－＠\t\r\n])/u, ""),
        );
        const written = [plainText(texts[4]), plainText(texts[2])];
        // A label that two learners share is followed by the plugin.
        for (const text of written) expect(labels.filter((label) => label.startsWith(text)).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("prefixes text, not numbers", () => {
    expect(["=1", "+1", "-1", "@a", "\t=1", "\ra", " =1", "＝1"].map(csvCell)).toEqual([
      "'=1",
      "'+1",
      "'-1",
      "'@a",
      "'\t=1",
      `"'\ra"`,
      "' =1",
      "'＝1",
    ]);
    expect([-1.5, 0, 1e-7, null, Number.NaN].map(csvCell)).toEqual(["-1.5", "0", "1e-7", "", ""]);
  });
});

describe("markdown", () => {
  it("has a table for each setting", () => {
    const text = markdown(suites);
    expect(text.match(/^## /gm)).toHaveLength(3);
    expect(text).toContain("## Rotated digits: rotations\\-500");
    const lines = text.split("\n").filter((line) => line.startsWith("|"));
    expect(lines).toHaveLength(rows + 2 * 3);
    expect(lines.filter((line) => line.startsWith("| preview | – | A\\-GEM |"))).toHaveLength(3);
    expect(text).toMatch(/\| 1 diverged \|$|\| 1 \|$/m);
  });

  it("keeps its shape and holds no markup, whatever receipts say", () => {
    fc.assert(
      fc.property(texts, (texts) => {
        const lines = markdown(standings(hostileReceipts(texts))).split("\n");
        expect(lines.filter((line) => line.startsWith("## "))).toHaveLength(1);
        const table = lines.filter((line) => line.startsWith("|"));
        expect(table).toHaveLength(4);
        const bars = table.map((line) => line.replace(/\\./g, "").split("|").length);
        expect(new Set(bars).size).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  it("escapes what Markdown, HTML and GitHub's links are made of, and nothing is lost", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        const bare = escaped.replace(/\\[\\`*_{}[\]()#+!|~>^$=-]/g, "");
        expect(bare).not.toMatch(/[\\`*_{}[\]()+!|~>^$=<]|(?<!&)#|:\/\/|@|www\./i);
        const references: Readonly<Record<string, string>> = { "&lt;": "<", "&amp;": "&" };
        const read = escaped
          .replace(/\\(.)/g, "$1")
          .replace(
            /&lt;|&amp;|&#(\d+);/g,
            (one, code?: string) => references[one] ?? String.fromCharCode(Number(code)),
          );
        expect(read).toBe(text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim());
      }),
      { numRuns: 2000 },
    );
  });
});

describe("latex", () => {
  it("has a tabular for each setting, every line with as many cells as columns", () => {
    const text = latex(suites);
    const tables = [
      ...text.matchAll(/\\begin\{tabular\}\{(\w+)\}\n\\toprule\n([\s\S]*?)\\bottomrule\n\\end\{tabular\}/g),
    ];
    expect(tables).toHaveLength(3);
    for (const [, columns, body] of tables)
      for (const line of body.split("\n").filter((line) => line !== "" && line !== "\\midrule")) {
        expect(line).toMatch(/ \\\\$/);
        expect(line.replace(/\\./g, "").split("&")).toHaveLength(columns.length);
      }
    expect(text).toContain("$\\pm$");
    expect(text).toContain("DER++");
  });

  it("prints any text as it is", () => {
    const commands: Readonly<Record<string, string>> = {
      textbackslash: "\\",
      textasciitilde: "~",
      textasciicircum: "^",
      textless: "<",
      textgreater: ">",
      textbar: "|",
      textasciigrave: "`",
      textendash: "–",
    };
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeLatex(text);
        let read = "";
        let rest = escaped;
        while (rest !== "") {
          const token =
            /^(?:\\(text\w+)\{\}|\\([{}$&#_%])|(\{\\char34\})|(\$\\pm\$)|(\$-\$)|(-\{\})|([^\\{}$&#_%~^<>|"`]))/u.exec(
              rest,
            );
          expect(token, rest).not.toBeNull();
          const [all, command, plain, quote, plusMinus, minus, hyphen, other] = token as RegExpExecArray;
          read += command
            ? commands[command]
            : (plain ?? other ?? (quote ? '"' : plusMinus ? "±" : minus ? "−" : hyphen ? "-" : "?"));
          rest = rest.slice(all.length);
        }
        expect(read).toBe(text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim());
        expect(escaped).not.toContain("--");
      }),
      { numRuns: 2000 },
    );
  });
});

it("tables do not depend on the receipts' order", () => {
  const receipts = [...leaderboard()];
  const shuffled = receipts.toSorted((a, b) => (a.cellId < b.cellId ? -1 : 1));
  expect(shuffled.map(({ cellId }) => cellId)).not.toEqual(receipts.map(({ cellId }) => cellId));
  for (const table of [csv, markdown, latex]) expect(table(standings(shuffled))).toBe(table(suites));
});
