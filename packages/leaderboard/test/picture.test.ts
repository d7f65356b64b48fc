import { describe, expect, it } from "vitest";
import { downsample } from "../src/downsample.js";
import { accuracyPicture, confusionText } from "../src/index.js";
import { colourOf } from "../src/palette.js";
import { constant, madeUp, recurring, sparse } from "./results.js";

function visible(picture: string): string {
  // oxlint-disable-next-line no-control-regex
  return picture.replace(/\u001b\[[\d;]*m/g, "");
}

describe("downsample", () => {
  it("averages blocks", () => {
    const matrix = Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => 4 * i + j));
    expect(downsample(matrix, 2)).toEqual([
      [2.5, 4.5],
      [10.5, 12.5],
    ]);
    expect(downsample(matrix, 4)).toBe(matrix);
  });

  it("splits what does not divide into blocks that differ by one, and uses every entry", () => {
    const five = Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, () => i));
    // 5 into at most 3: blocks of 1, 2 and 2
    expect(downsample(five, 3)).toEqual([0, 1.5, 3.5].map((value) => [value, value, value]));
    expect(downsample(five, 1)).toEqual([[2]]);
  });

  it("averages the values that there are, and invents none", () => {
    const matrix = Array.from({ length: 4 }, (_, i) =>
      Array.from({ length: 4 }, (_, j) => (i === j ? 4 * i : Math.max(i, j) < 2 || i > 1 ? 1 : Number.NaN)),
    );
    expect(downsample(matrix, 2)).toEqual([
      [0.5 * 3, Number.NaN],
      [1, (8 + 12 + 1 + 1) / 4],
    ]);
  });

  it("shrinks rows and columns apart from each other", () => {
    const tall = Array.from({ length: 6 }, (_, i) => [i, 10 * i]);
    expect(downsample(tall, 3)).toEqual([
      [0.5, 5],
      [2.5, 25],
      [4.5, 45],
    ]);
    expect(downsample([[1, 2, 3, 4]], 2)).toEqual([[1.5, 3.5]]);
  });
});

describe("accuracyPicture", () => {
  const sizes = [1, 5, 12, 13, 20, 37, 100, 250];

  it.each(sizes)("keeps to its width and 14 lines for %i tasks", (tasks) => {
    for (const width of [20, 25, 31, 40, 60, 72, 120])
      for (const color of [false, true])
        for (const result of [
          ...[madeUp(tasks), constant(tasks, Number.NaN), sparse(tasks)],
          ...[recurring([0, 1, 0], tasks), recurring(new Array<number>(tasks).fill(0), 3)],
        ]) {
          const lines = visible(accuracyPicture(result, { width, color })).split("\n");
          expect(lines.length).toBeLessThanOrEqual(14);
          for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(width);
          expect(lines.at(-1)).toMatch(/trained|training/);
          expect(lines.at(-1)).toContain("tested");
        }
  });

  it("draws shades of 20% each, framed, with the task's number", () => {
    const accuracy = [
      [1, 0.8, 0.79, 0.6, 0.59],
      [0.4, 0.39, 0.2, 0.19, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, Number.NaN],
    ];
    expect(accuracyPicture({ ...madeUp(5), accuracy }).split("\n")).toEqual([
      "1│████▓▓▓▓▒▒│",
      "2│▒▒░░░░    │",
      "3│          │",
      "4│          │",
      "5│        ··│",
      "0% ' ░▒▓█' 100%, · not evaluated",
      "rows: after training on task 1–5, columns: tested on task 1–5",
    ]);
  });

  it("draws experiences × tasks, and leaves a mark where nothing was evaluated", () => {
    const accuracy = [
      [1, null],
      [null, 0.7],
      [0.5, 0.3],
    ];
    const tasks = [[0], [1], [0]];
    expect(accuracyPicture({ ...madeUp(2), accuracy, tasks }).split("\n")).toEqual([
      "1│██··│",
      "2│··▓▓│",
      "3│▒▒░░│",
      "0% ' ░▒▓█' 100%, · not evaluated",
      "rows: after training on experience 1–3, columns: tested on task 1–2",
    ]);
    const tall = recurring(new Array<number>(30).fill(1), 2);
    expect(accuracyPicture(tall, { width: 100 })).toMatch(/experience 1–30, .+ task 1–2; 3 experiences averaged$/);
    expect(accuracyPicture(tall).split("\n")[9]).toMatch(/^28│.{4}│$/);
    // A large R of which little was evaluated is not all blank.
    expect(accuracyPicture(sparse(100)).split("\n")[11]).toMatch(/^ 92│[░▒▓█]{24}│$/);
    expect(accuracyPicture(sparse(100)).split("\n")[0]).toMatch(/^ {2}1│[░▒▓█]{2,4}·+│$/);
  });

  it("averages a larger R and says so", () => {
    const lines = accuracyPicture(madeUp(100)).split("\n");
    expect(lines).toHaveLength(14);
    expect(lines[1]).toMatch(/^ {2}9│.{24}│$/);
    expect(lines.at(-1)).toContain("8–9 tasks averaged");
  });

  it("uses plain escapes that end with each line: backgrounds, and half blocks above 12 tasks", () => {
    const small = accuracyPicture(constant(2, 0.5), { color: true }).split("\n");
    const half = `\u001b[48;2;${colourOf(0.5).join(";")}m`;
    expect(small[0]).toBe(`1│${half}  ${half}  \u001b[0m│`);
    const large = accuracyPicture(madeUp(13), { color: true }).split("\n");
    expect(large).toHaveLength(7 + 2);
    expect(visible(large[6])).toBe(`13│${"▀".repeat(13)}│`);
    expect(large[6]).not.toContain("\u001b[48"); // no row below the last
    // oxlint-disable-next-line no-control-regex
    for (const line of large.slice(0, -1)) expect(line).toMatch(/\u001b\[0m[^\u001b]*$/);
    expect(accuracyPicture(madeUp(13))).not.toContain("\u001b");
  });

  it("refuses a width that holds nothing", () => {
    expect(() => accuracyPicture(madeUp(2), { width: 19 })).toThrow("needs 20 columns; 19 is too narrow");
    expect(() => accuracyPicture(madeUp(2), { width: Number.NaN })).toThrow(RangeError);
  });
});

describe("the picture of a confusion matrix", () => {
  const confusion = [
    [
      [9, 9],
      [9, 9],
    ],
    [
      [10, 0],
      [3, 1],
    ],
  ];

  it("shows the last one, in shares of each row", () => {
    expect(confusionText({ confusion })).toBe(
      "0│██  │\n1│▓▓░░│\n' ' below 20%, ░ below 40%, ▒ below 60%, ▓ below 80%, █ above\nrows: right output 0–1, columns: answered",
    );
    const coloured = confusionText({ confusion }, { color: true, width: 30 }) ?? "";
    expect(visible(coloured).split("\n").slice(0, 2)).toEqual(["0│    │", "1│    │"]);
  });

  it("leaves out what nothing was asked about, and averages outputs where there are many", () => {
    const some = [
      [
        [2, 0],
        [0, 0],
      ],
    ];
    expect(confusionText({ confusion: some })?.split("\n")[1]).toBe("1│····│");
    const many = Array.from({ length: 100 }, (_, y) => Array.from({ length: 100 }, (_, a) => Number(a === y)));
    const lines = (confusionText({ confusion: [many] }) ?? "").split("\n");
    expect(lines.length).toBe(14);
    expect(lines[0].startsWith(" 0│")).toBe(true);
    expect(lines[13]).toBe("rows: right output 0–99, columns: answered; 8–9 outputs averaged");
  });

  it("is none where no matrix was recorded", () => {
    expect(confusionText({})).toBeUndefined();
    expect(confusionText({ confusion: [] })).toBeUndefined();
  });
});
