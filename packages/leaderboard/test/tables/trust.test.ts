import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Audited,
  type CheckResult,
  createSite,
  csv,
  latex,
  markdown,
  plainText,
  type Rerun,
  standings,
} from "../../src/index.js";
import { learners, madeUp } from "../receipts.js";
import { definition, honest, seeds, strange } from "../suites/definition.js";

const check = (name: string, passed: boolean): CheckResult => ({ name, passed, where: "er/checks.json" });

function made(
  checks: readonly CheckResult[],
  rerun: (seed: number) => Rerun | undefined = () => undefined,
  audited: (seed: number) => Audited | undefined = () => undefined,
) {
  const site = createSite({
    ...{ suites: [definition()], checks: () => checks },
    ...{ rerun: ({ seed }) => rerun(seed), audited: ({ seed }) => audited(seed) },
  });
  for (const seed of seeds) site.add(honest(seed));
  const [setting] = site.suites()[0].settings;
  const pages = [...site.files()]
    .filter(({ path }) => /^(index|settings.*)\.html$/.test(path))
    .map(({ content }) => content);
  return { ...setting, texts: [markdown(site.suites()), latex(site.suites()), csv(site.suites()), ...pages] };
}

describe("the trust in a row", () => {
  const yes = { reproduced: true, signer: "ab12ab12ab12ab12" };
  it.each<[string, readonly CheckResult[], (seed: number) => Rerun | undefined, string]>([
    ["declared", [], () => undefined, "declared"],
    ["checked", [check("stream", true), check("canary", true)], () => undefined, "checked: canary, stream"],
    ["re-run", [], () => yes, "re-run: all of 10 cells, by ab12ab12ab12ab12"],
    ["re-run", [check("canary", true)], () => yes, "re-run: all of 10 cells, by ab12ab12ab12ab12; checked: canary"],
    ["declared", [], (seed) => (seed < 3 ? yes : undefined), "re-run: 3 of 10 cells, by ab12ab12ab12ab12"],
  ])("is %s, and every page and table says so", (level, checks, rerun, text) => {
    const { rows, texts } = made(checks, rerun);
    expect(rows[0]).toMatchObject({ rank: 1, trust: { level, text } });
    for (const one of texts) expect(one.replaceAll("\\-", "-")).toContain(text.slice(0, 12));
  });

  it.each<[readonly CheckResult[], (seed: number) => Rerun | undefined, string]>([
    [
      [check("canary", false), check("stream", true)],
      () => yes,
      'Failed the honesty check "canary", as er/checks.json says.',
    ],
    [[check("isolation", false)], () => undefined, 'Failed the honesty check "isolation", as er/checks.json says.'],
    [[], (seed) => ({ reproduced: seed !== 4, signer: null }), "Not reproduced when it was run again: 1 cell."],
  ])("is gone where something failed: never ranked, with the reason", (checks, rerun, reason) => {
    const { rows, apart, texts } = made(checks, rerun);
    expect(rows).toEqual([]);
    expect(apart[0]).toMatchObject({ rank: null, reasons: [reason], trust: { level: "failed" } });
    for (const one of texts)
      expect(one.replaceAll("&quot;", '"').replaceAll('""', '"')).toContain(
        reason.replace(/^(.*)"(.*)".*$/, "$1").slice(0, 20),
      );
  });
});

describe("an audit", () => {
  const signer = "cd34cd34cd34cd34";
  const held = { holds: true, why: "It loses nothing.", secret: 0.612, signer };
  const fell = { holds: false, why: "On secret data it loses 68.9 points.", secret: 0.302, signer };
  const again = { reproduced: true, signer };
  type By<T> = (seed: number) => T | undefined;
  const nowhere = () => undefined;

  it.each<[string, By<Rerun>, By<Audited>, string]>([
    ["audited", nowhere, () => held, `audited: all of 10 cells, 61.2% on secret data, by ${signer}`],
    ["declared", nowhere, (seed) => (seed < 3 ? held : undefined), "audited: 3 of 10 cells, 61.2% on secret data"],
    ["audited", () => again, (seed) => (seed < 3 ? held : undefined), "audited: 3 of 10 cells"],
    ["audited", (seed) => (seed < 3 ? undefined : again), (seed) => (seed < 3 ? held : undefined), "re-run: 7 of 10"],
    ["re-run", () => again, nowhere, "re-run: all of 10 cells"],
  ])(
    "makes a row %s where all its cells are vouched for, and every page and table says so",
    (level, rerun, audited, text) => {
      const { rows, texts } = made([], rerun, audited);
      expect(rows[0]).toMatchObject({ rank: 1, trust: { level, text: expect.stringContaining(text) as string } });
      for (const one of texts) expect(one.replaceAll("\\-", "-")).toContain(text.slice(0, 10));
    },
  );

  it("that a run falls in, even in one cell, sets it apart with the reason, whatever else speaks for it", () => {
    const { rows, apart, texts } = made(
      [],
      () => again,
      (seed) => (seed === 4 ? fell : held),
    );
    expect(rows).toEqual([]);
    const reason = "Falls in an audit. On secret data it loses 68.9 points.";
    expect(apart[0]).toMatchObject({
      ...{ rank: null, reasons: [reason] },
      trust: { level: "failed", text: "failed: audit: 30.2% on secret data" },
    });
    for (const one of texts) expect(one).toContain("Falls in an audit");
  });
});

describe("labels", () => {
  const own = { learner: { name: "cheat", package: "cheat", version: "1.0.0" } };
  it.each(["ER", "er", "E R", "ЕR", "E\u200BR", "Ｅ Ｒ", "\u202EER"])(
    "that could pass for another learner's are told apart: %j",
    (label) => {
      const receipts = [
        ...seeds.map((seed) => honest(seed)),
        ...strange((spec, one) => ({ spec: { ...spec, label }, plugins: { ...one.plugins, ...own } })),
      ];
      const suites = standings(receipts, { suites: [definition()] });
      const labels = suites[0].settings[0].rows.map((row) => row.label);
      expect(new Set(labels).size).toBe(2);
      const mine = suites[0].settings[0].rows.find(({ run }) => run.name === "strange");
      expect(mine?.plugin).toBe("cheat, cheat 1.0.0");
      if (/^[ -~]*$/.test(label)) expect(mine?.label).toBe(`${label} (cheat, cheat 1.0.0)`);
      else expect(mine?.label).toMatch(/\\u\{[0-9a-f]+\}/);
      for (const text of [markdown(suites), latex(suites), csv(suites)])
        expect(text).toContain("cheat, cheat 1.0.0".slice(0, 5));
    },
  );

  it("have no other characters than those that are seen as what they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = plainText(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u00A0\u2000-\u200F\u3000]/u);
        expect(shown).not.toMatch(/\p{Script=Cyrillic}|[\uFF01-\uFF5E]|[\u{1D400}-\u{1D7FF}]/u);
        expect(plainText(shown)).toBe(shown);
      }),
      { numRuns: 500 },
    );
    for (const text of ["ER, class-balanced memory", "DER++", "α = 0.1", "Élan", "持续学习", "MER (Algorithm 1)"])
      expect(plainText(text)).toBe(text);
    expect(plainText("ЕR")).toBe("\\u{415}R");
  });

  it("that two learners share do not mix across settings", () => {
    const both = ["a", "b"].flatMap((setting) =>
      learners.slice(0, 2).flatMap((learner) =>
        seeds.map((seed) => {
          const one = madeUp({ learner, seed, setting });
          return {
            ...one,
            plugins: { learner: { name: learner.label, package: learner.label, version: "1" } },
            spec: { ...one.spec, label: "Best" },
          };
        }),
      ),
    );
    const labels = standings(both)[0].settings.flatMap(({ rows }) => rows.map(({ label }) => label));
    expect(new Set(labels)).toEqual(new Set(["Best (Online, Online 1)", "Best (EWC, EWC 1)"]));
  });
});
