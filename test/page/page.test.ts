import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { site } from "@everlearn/leaderboard";
import type { Receipt } from "@everlearn/records";
import fc from "fast-check";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attacks, hostile } from "../../packages/leaderboard/test/hostile.js";
import { leaderboard, learners, madeUp } from "../../packages/leaderboard/test/receipts.js";
import { chromiumPath, noTrouble, type View, watched, written } from "./browser.js";

const executablePath = chromiumPath();
const required = process.env.EVERLEARN_REQUIRE_BROWSER === "1";
if (!executablePath && !required)
  console.warn("No Chromium was found, so pages were not tried in a browser; CHROMIUM_PATH names one.");

const screenshots = join(tmpdir(), "everlearn-pages");
const views: readonly Required<Omit<View, "height">>[] = [
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 390, scheme: "light" },
  { width: 390, scheme: "dark" },
];

it("a browser is there, where EVERLEARN_REQUIRE_BROWSER requires one", () => {
  expect(required && executablePath === undefined).toBe(false);
});

describe.skipIf(!executablePath)("the pages", () => {
  let browser: Browser;
  let made: ReturnType<typeof written>;
  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    made = written(site(leaderboard(), { title: "Leaderboard", receipt: ({ name }) => `receipts/${name}.jsonl` }));
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox", "--headless"] });
  });
  afterAll(async () => {
    await browser?.close();
    made?.remove();
  });

  const opened = async (view: View, path: string) => {
    const tab = await watched(browser, view);
    await tab.page.goto(made.url(path));
    return tab;
  };
  /** The texts of a column, from the top. */
  const column = (page: Page, table: string, place: number) =>
    page.locator(`${table} tbody tr > :nth-child(${place})`).allInnerTexts();
  const number = (text: string) => Number.parseFloat(text.replace("−", "-"));

  describe.each(views)("at $width px, $scheme", (view) => {
    const shot = (page: Page, name: string) =>
      page.screenshot({ path: join(screenshots, `${name}-${view.width}-${view.scheme}.png`), fullPage: true });

    it("sort and filter", async () => {
      const { page, trouble, close } = await opened(view, "index.html");
      await shot(page, "index");
      const table = "[data-table=table-1-1]";
      const rank = page.locator(`${table} thead th`).first();
      expect(await rank.getAttribute("aria-sort")).toBe("ascending");
      const title = page.locator(`${table} thead th[data-key=la]`);
      await title.getByRole("button").click();
      expect(await title.getAttribute("aria-sort")).toBe("descending");
      expect(await rank.getAttribute("aria-sort")).toBeNull();
      const down = (await column(page, table, 4)).map(number);
      expect(down).toHaveLength(6);
      expect(down).toEqual(down.toSorted((a, b) => b - a));
      await title.getByRole("button").click();
      expect((await column(page, table, 4)).map(number)).toEqual(down.toReversed());
      // What has no value stays at the end: EWC diverged once, so it has no BTI.
      const bti = page.locator(`${table} thead th[data-key=bti]`).getByRole("button");
      for (const _ of ["down", "up"]) {
        await bti.click();
        expect((await column(page, table, 5)).at(-1)).toBe("–");
      }

      await page.getByLabel("Filter learners").fill("er");
      expect(await page.getByRole("status").first().innerText()).toBe("9 of 18 shown");
      // Below each label stands the plugin.
      const labels = (await column(page, table, 2)).map((text) => text.split("\n")[0]);
      expect(new Set(labels)).toEqual(new Set(["MER", "DER++", "ER"]));
      await page.getByLabel("Filter learners").fill("nobody");
      expect(await page.getByRole("status").first().innerText()).toBe("0 of 18 shown");
      expect(await column(page, table, 2)).toEqual([]);
      expect(trouble).toEqual(noTrouble);
      await close();
    });

    it("open a run, whose seeds have pictures", async () => {
      const { page, trouble, close } = await opened(view, "index.html");
      await page.locator("[data-table=table-1-0]").getByRole("link", { name: "ER", exact: true }).click();
      await page.waitForURL(/runs\/er-rotations-200\.html$/);
      expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("ER");
      await shot(page, "run");
      const matrix = page.locator("svg.matrix");
      const mean = await matrix.innerHTML();
      await page.getByLabel("Shown:").selectOption("seed 3");
      const receipt = madeUp({ learner: learners[2], seed: 3 });
      expect(await matrix.innerHTML()).not.toBe(mean);
      await page.getByText("R as numbers").click();
      const shown = (await page.locator("details.numbers tbody td").allInnerTexts()).map(Number);
      expect(shown).toEqual(
        receipt.accuracy.flat().map((value: number | null) => Number((100 * (value as number)).toFixed(1))),
      );
      const box = await matrix.boundingBox();
      if (!box) throw new Error("The matrix is not shown.");
      const cell = (46 / 512) * box.width;
      const corner = (44 / 512) * box.width;
      await page.mouse.move(box.x + corner + 2.5 * cell, box.y + (6 / 512) * box.width + 4.5 * cell);
      const percent = (100 * (receipt.accuracy[4][2] as number)).toFixed(1);
      expect(await page.locator(".reading").innerText()).toBe(`after 5, on task 3: ${percent}%`);
      expect(trouble).toEqual(noTrouble);
      await close();
    });

    it("compare two learners", async () => {
      const { page, trouble, close } = await opened(view, "settings/rotations-rotations-200.html");
      await page.getByLabel("Compare", { exact: true }).selectOption("ER");
      await page.getByLabel("with", { exact: true }).selectOption("Online");
      const scores = [learners[2], learners[0]].map((learner) =>
        Array.from(Array(10).keys(), (seed) => madeUp({ learner, seed }).metrics.retainedAccuracy as number),
      );
      const difference = scores[0].reduce((sum, score, i) => sum + score - scores[1][i], 0) / 10;
      const said = await page.locator("#compare").innerText();
      expect(said).toContain("ER retains more than Online: they are separated.");
      expect(said).toContain(`+${(100 * difference).toFixed(2)} points`);
      // Of ten differences of one sign all but two of the 1024 flips are less; 5 learners have 10 pairs.
      expect(said).toContain("p = 0.002");
      expect(said).toContain("p = 0.020");
      expect(await page.locator("#compare circle").count()).toBe(10);
      await page.getByLabel("with", { exact: true }).selectOption("A-GEM");
      expect(await page.locator("#compare").innerText()).toContain("3 paired seeds of at least 10 are a preview");
      await shot(page, "setting");
      expect(trouble).toEqual(noTrouble);
      await close();
    });

    it("fit, can be read, and say everything to those who do not see", async () => {
      const { page, trouble, close } = await watched(browser, view);
      for (const path of ["index.html", "settings/rotations-rotations-500.html", "runs/ewc-rotations-500.html"]) {
        await page.goto(made.url(path));
        const found = await page.evaluate(() => {
          const shown = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility());
          const colour = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number);
          const luminance = (text: string) => {
            const [r, g, b] = colour(text).map((value) => {
              const channel = value / 255;
              return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = (element: Element): string => {
            for (let one: Element | null = element; one; one = one.parentElement) {
              const { backgroundColor } = getComputedStyle(one);
              if (colour(backgroundColor)[3] !== 0) return backgroundColor;
            }
            return "rgb(255, 255, 255)";
          };
          const faint = shown.flatMap((element) => {
            const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
            // The numbers in a matrix stand on its colours.
            if (!own || element.matches(".number, script, style, title, option, noscript")) return [];
            const style = getComputedStyle(element);
            const ink = element instanceof SVGElement ? style.fill : style.color;
            const [low, high] = [luminance(ink), luminance(ground(element))].toSorted((a, b) => a - b);
            const contrast = (high + 0.05) / (low + 0.05);
            return contrast < 4.5 ? [`${element.textContent?.slice(0, 40)}: ${contrast.toFixed(2)}`] : [];
          });
          const nameless = shown.filter(
            (element) =>
              (element.matches("svg[role=img]") && !element.getAttribute("aria-label")) ||
              (element.matches("svg") && !element.matches("[role=img], [aria-hidden=true]")) ||
              (element.matches("select, input") && !(element as HTMLInputElement).labels?.length) ||
              (element.matches("button") && !element.textContent?.trim()) ||
              (element.matches("th") && !element.getAttribute("scope")) ||
              (element.matches("table.standing") && !(element as HTMLTableElement).caption),
          );
          const levels = shown.flatMap(({ tagName }) => (/^H[1-6]$/.test(tagName) ? [Number(tagName[1])] : []));
          return {
            beyond: document.documentElement.scrollWidth - innerWidth,
            faint,
            nameless: nameless.map(({ outerHTML }) => outerHTML.slice(0, 80)),
            skipped: levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1),
            headings: levels.filter((level) => level === 1).length,
          };
        });
        expect(found.beyond, path).toBeLessThanOrEqual(0);
        expect(found, path).toMatchObject({ faint: [], nameless: [], skipped: [], headings: 1 });
      }
      expect(trouble).toEqual(noTrouble);
      await close();
    });
  });

  it("can be used without a mouse", async () => {
    const { page, trouble, close } = await opened({ width: 1280 }, "settings/rotations-rotations-200.html");
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    for (let k = 0; k < 20 && !(await focused()).startsWith("Learned"); k++) await page.keyboard.press("Tab");
    expect(await focused()).toBe("Learned %");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.press("Enter");
    const title = page.locator("th[data-key=la]");
    expect(await title.getAttribute("aria-sort")).toBe("descending");
    await page.keyboard.press("Space");
    expect(await title.getAttribute("aria-sort")).toBe("ascending");
    expect(await focused()).toBe("Learned %");
    const up = (await column(page, ".standing", 4)).map(number);
    expect(up).toEqual(up.toSorted((a, b) => a - b));
    expect(trouble).toEqual(noTrouble);
    await close();
  });

  it("show a long table page by page, sorted as a whole", async () => {
    const many = Array.from(Array(230).keys(), (i) =>
      madeUp({ learner: { ...learners[2], label: `learner ${i}` }, seed: 0, tasks: 2, name: `run-${i}` }),
    );
    const long = written([...site(many)].slice(0, 2));
    const { page, trouble, close } = await watched(browser, { width: 1280 });
    await page.goto(long.url("settings/rotations-rotations-200.html"));
    const scores = many.map(({ metrics }) => metrics.retainedAccuracy as number).toSorted((a, b) => a - b);
    await page.locator("th[data-key=ra]").getByRole("button").click();
    await page.locator("th[data-key=ra]").getByRole("button").click();
    const seen: number[] = [];
    const next = page.getByRole("button", { name: "Next" });
    for (const shown of ["1–100 of 230", "101–200 of 230", "201–230 of 230"]) {
      expect(await page.locator(".pager output").innerText()).toBe(shown);
      seen.push(...(await column(page, ".standing", 3)).map(number));
      if (await next.isEnabled()) await next.click();
    }
    expect(seen).toEqual(scores.map((score) => Number((100 * score).toFixed(1))));
    expect(trouble).toEqual(noTrouble);
    long.remove();
    await close();
  });

  it("run nothing that receipts say: 500 hostile texts as names, labels, plugins and messages", {
    timeout: 180_000,
  }, async () => {
    const texts = [...attacks, ...fc.sample(hostile, { numRuns: 500 - attacks.length, seed: 42 })];
    expect(texts).toHaveLength(500);
    // Two a run: as its name and its label, its plugins, its messages, and all else that a receipt says.
    const receipts = Array.from(Array(500).keys(), (i): Receipt => {
      const [name, label] = texts.slice(i - (i % 2));
      const run = (i - (i % 2)) / 2;
      const failed = run % 2 === 1 ? { status: "diverged" as const, message: texts[i] } : {};
      const made = madeUp({
        learner: { ...learners[run % 6], label },
        seed: i % 2,
        tasks: 2,
        name,
        spec: { label, settings: [run % 25 === 0 ? name : "all"], description: label, learner: { use: name } },
        ...failed,
      });
      const plugin = { name, package: label, version: name };
      // Pictures hold no text of theirs; without them pages open faster.
      const { accuracy } = run % 20 === 0 ? made : { accuracy: [] };
      const said = { plugins: { [name]: plugin, [label]: plugin }, environment: { [name]: label } };
      // Of another data set than most, it would be set apart.
      const checksum = run % 20 === 0 ? name : "0".repeat(64);
      return { ...made, ...said, checksum, accuracy, specId: String(run), commit: label };
    });
    const harmful = written(site(receipts, { title: attacks[0], description: attacks[4], receipt: () => attacks[11] }));
    const { page, trouble, close } = await watched(browser, { width: 1280 });
    const hit = () => page.evaluate(() => (window as unknown as { hit?: unknown }).hit);
    const pages = harmful.paths.filter((path) => path.endsWith(".html"));
    expect(pages.length).toBeGreaterThan(250);
    for (const path of pages) {
      await page.goto(harmful.url(path));
      expect(await hit(), path).toBeUndefined();
    }
    // What the scripts draw is made of text as well.
    const setting = pages.find((path) => path === "settings/rotations-all.html") ?? "";
    await page.goto(harmful.url(setting));
    for (const key of ["label", "ra"]) await page.locator(`th[data-key=${key}]`).getByRole("button").click();
    for (const next of [1, 2]) {
      await page.getByRole("button", { name: "Next" }).click();
      await page.locator("#first").selectOption({ index: 10 * next });
      await page.locator("#second").selectOption({ index: 10 * next + 1 });
    }
    await page.getByLabel("Filter learners").fill("<script>");
    expect(await page.locator("tbody tr").count()).toBeGreaterThan(10);
    expect(await hit()).toBeUndefined();
    expect(await page.locator("main script, main img, main iframe, main style").count()).toBe(0);
    expect(trouble).toEqual(noTrouble);
    harmful.remove();
    await close();
  });

  it("watched, a harmful page would be seen", async () => {
    const harmful = written([
      {
        path: "index.html",
        content:
          "<!doctype html><meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><script>alert(1);fetch('http://127.0.0.1:9/');open('about:blank')</script><img src=x>",
      },
    ]);
    const { page, trouble, close } = await watched(browser, { width: 1280 });
    await page.goto(harmful.url("index.html"));
    await expect
      .poll(() => Object.values(trouble).map((list: string[]) => list.length > 0))
      .toEqual([true, true, true, true]);
    harmful.remove();
    await close();
  });
});
