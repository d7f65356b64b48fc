import { createHash } from "node:crypto";
import type { Receipt } from "@everlearn/records";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createSite, csv, type File, site, standings } from "../../src/index.js";
import { plainText } from "../../src/tables/plain-text.js";
import { hostile } from "../hostile.js";
import { leaderboard, learners, madeUp } from "../receipts.js";

const options = {
  title: "A leaderboard",
  description: "Of made-up numbers.",
  receipt: ({ name, seed }: Receipt) => `receipts/${name}/seed-${seed}.json`,
};

let files: File[];
beforeAll(() => {
  files = [...site(leaderboard(), options)];
});
const content = (path: string) => {
  const found = files.find((file) => file.path === path);
  if (!found) throw new Error(`There is no ${path}; there are ${files.map(({ path }) => path).join(", ")}.`);
  return found.content;
};
const pages = (of: readonly File[]) => of.filter(({ path }) => path.endsWith(".html"));

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * What a browser makes of a page, by a strict reading: tags, texts, and what stands in script and style. Throws where a
 * bare < or & or quote, or tags that do not nest, leave it a choice.
 */
function read(html: string): { tags: Tag[]; texts: string[]; raw: Record<string, string[]> } {
  const tags: Tag[] = [];
  const texts: string[] = [];
  const raw: Record<string, string[]> = { script: [], style: [] };
  const open: string[] = [];
  const wrong = (at: number): Error => new Error(`What is ${JSON.stringify(html.slice(at, at + 80))}?`);
  const plain = (text: string): string => {
    const rest = text.replace(/&(amp|lt|gt|quot|apos);/g, "");
    if (/[&<>]/.test(rest)) throw new Error(`A bare character in ${JSON.stringify(text)}`);
    const references: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
    return text.replace(/&(\w+);/g, (_, name: string) => references[name]);
  };
  const element = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z-]+(?:="[^"<]*")?)*)(\/?)>/y;
  let at = "<!doctype html>\n".length;
  expect(html.slice(0, at)).toBe("<!doctype html>\n");
  while (at < html.length) {
    element.lastIndex = at;
    const tag = element.exec(html);
    if (!tag) {
      const next = html.indexOf("<", at);
      const end = next === at ? at : next < 0 ? html.length : next;
      if (end === at) throw wrong(at);
      texts.push(plain(html.slice(at, end)));
      at = end;
      continue;
    }
    at += tag[0].length;
    const [, end, name, list, leaf] = tag;
    // Only within a picture may a tag end itself: elsewhere it would stay open.
    if (leaf && (end || !open.includes("svg"))) throw wrong(at - tag[0].length);
    if (end) {
      if (open.pop() !== name || list !== "") throw wrong(at - tag[0].length);
      continue;
    }
    const pairs = [...list.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)];
    const attributes = Object.fromEntries(pairs.map(([, key, value = ""]) => [key, plain(value)]));
    if (Object.keys(attributes).length !== pairs.length) throw wrong(at);
    tags.push({ name, attributes });
    if (leaf || ["meta", "link", "input", "br"].includes(name)) continue;
    if (name in raw) {
      // Not in the page in small letters: İ is longer there.
      const length = html.slice(at).search(new RegExp(`</${name}`, "i"));
      if (length < 0) throw wrong(at);
      raw[name].push(html.slice(at, at + length));
      at += length + `</${name}>`.length;
      continue;
    }
    open.push(name);
  }
  expect(open).toEqual([]);
  return { tags, texts, raw };
}

/** Tags and attributes that pages are made of; none runs, loads or sends anything but the page's own script. */
const allowedTags =
  "html head meta title link style body nav a main footer script h1 h2 h3 p details summary ul li b strong i small span div section table caption thead tbody tr th td dl dt dd bdi code pre figure figcaption svg g path rect circle text label input output noscript".split(
    " ",
  );
const allowedAttributes =
  "lang charset content http-equiv name rel href class id hidden for type autocomplete spellcheck role tabindex scope title download viewBox width height preserveAspectRatio d fill x y dx cx cy r transform text-anchor shape-rendering".split(
    " ",
  );

function check(pages: readonly File[]): string[] {
  return pages.flatMap(({ path, content }) => {
    const { tags, texts, raw } = read(content);
    const attributes = new Set(tags.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...new Set(tags.map(({ name }) => name))].filter((name) => !allowedTags.includes(name))).toEqual([]);
    const strange = [...attributes].filter((name) => !/^(data|aria)-/.test(name) && !allowedAttributes.includes(name));
    expect(strange, path).toEqual([]);
    const hrefs = (of: string) => tags.filter(({ name }) => name === of).map(({ attributes }) => attributes.href);
    const inside = /^(?:#[a-z]+-\d+(?:-\d+)?|(?:\.\.\/)*[\w.~%!'()*-]+(?:\/[\w.~%!'()*-]*)*)$/;
    expect(hrefs("a").filter((href) => !inside.test(href))).toEqual([]);
    expect(hrefs("link").filter((href) => !href.startsWith("data:image/svg+xml,"))).toEqual([]);
    expect(raw.style).toHaveLength(1);
    expect(raw.script).toHaveLength(2);
    const scripts = tags.filter(({ name }) => name === "script").map(({ attributes }) => attributes);
    expect(scripts).toEqual([{ type: "application/json", id: "data" }, {}]);
    JSON.parse(raw.script[0]);
    return texts;
  });
}

it("the reading finds flaws", () => {
  const reading = (body: string) => () => read(`<!doctype html>\n${body}`);
  expect(reading("<p>a &amp; b</p>")()).toMatchObject({ texts: ["a & b"] });
  for (const wrong of [
    "<p>",
    "<p></b>",
    "<p>&</p>",
    "<p>a < b</p>",
    "<p a='1'></p>",
    '<p a="1" a="2"></p>',
    '<p a="&"></p>',
  ])
    expect(reading(wrong), wrong).toThrow(/./);
  const page = (body: string) => [{ path: "x.html", content: `<!doctype html>\n${body}` }];
  for (const wrong of ["<img>", '<p onclick="x"></p>', '<a href="javascript:x"></a>', '<p style="x"></p>'])
    expect(() => check(page(wrong)), wrong).toThrow(/./);
});

describe("the site", () => {
  it("has a first page, a page and three tables for each setting, and a page for each run", () => {
    const paths = files.map(({ path }) => path);
    expect(paths[0]).toBe("index.html");
    expect(paths.filter((path) => path.startsWith("settings/")).toSorted()).toEqual(
      ["permutations-permutations-200", "rotations-rotations-200", "rotations-rotations-500"].flatMap((name) =>
        ["csv", "html", "md", "tex"].map((kind) => `settings/${name}.${kind}`),
      ),
    );
    expect(paths.filter((path) => path.startsWith("runs/"))).toHaveLength(18);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("is well-formed and holds nothing but what it is made of", () => {
    check(pages(files));
  });

  it("has no dead link", () => {
    const paths = new Set(files.map(({ path }) => path));
    let links = 0;
    for (const { path, content } of pages(files)) {
      const { tags } = read(content);
      const ids = new Set(tags.map(({ attributes }) => attributes.id));
      for (const { attributes } of tags.filter(({ name }) => name === "a")) {
        const { href } = attributes;
        links++;
        if (href.startsWith("#")) expect(ids, `${path}: ${href}`).toContain(href.slice(1));
        else {
          const target = new URL(href, `file:///site/${path}`).pathname.replace("/site/", "");
          if (!target.startsWith("receipts/")) expect(paths, `${path}: ${href}`).toContain(target);
        }
      }
    }
    expect(links).toBeGreaterThan(100);
  });

  it("names its own style and script by their hashes, and forbids all else", () => {
    const sha256 = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    for (const { content } of pages(files)) {
      const { tags, raw } = read(content);
      const [policy] = tags.filter(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy");
      const directives = Object.fromEntries(
        policy.attributes.content.split("; ").map((directive) => directive.split(/ (.*)/).slice(0, 2)),
      );
      expect(directives).toEqual({
        "default-src": "'none'",
        "script-src": sha256(raw.script[1]),
        "style-src": sha256(raw.style[0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
      });
    }
  });

  it("gives the same bytes for the same receipts in any order", () => {
    const shuffled = [...leaderboard()].toSorted((a, b) => (a.cellId < b.cellId ? -1 : 1));
    expect([...site(shuffled, options)]).toEqual(files);
  });

  it("works receipt by receipt, file by file", () => {
    const made = createSite(options);
    for (const receipt of leaderboard()) made.add(receipt);
    expect(made.files().next().value).toEqual(files[0]);
    const fewer = createSite();
    fewer.add(madeUp({ learner: learners[0], seed: 0 }));
    expect(fewer.suites()[0].settings[0].rows).toHaveLength(1);
    fewer.add(madeUp({ learner: learners[1], seed: 0 }));
    expect(fewer.suites()[0].settings[0].rows).toHaveLength(2);
    expect(csv(made.suites())).toBe(csv(standings(leaderboard())));
    const [receipt] = leaderboard();
    expect(() => made.add(receipt)).toThrow("has two receipts of seed 0");
  });

  it("shows ranks, previews, what diverged and what is chance", () => {
    const index = content("index.html");
    expect(index).toContain(">preview<");
    expect(index).toContain("1 diverged");
    expect(index).toContain("Ranks over 10 paired seeds (0–9). 1 preview, without a rank.");
    const run = content("runs/ewc-rotations-500.html");
    expect(run).toContain("1 of 10 seeds did not finish. Such a cell scores as guessing does: 10.0%.");
    expect(run).toContain("The loss became NaN in task 4, after 3,120 examples.");
    expect(run).toContain('href="../receipts/ewc-rotations-500/seed-7.json"');
    expect(run).toContain("npx everlearn run ewc-rotations-500.json --seed 0");
    expect(run).toContain("npx everlearn verify receipts/ewc-rotations-500/seed-0.json");
    expect(read(content("runs/er-rotations-200.html")).texts).toContain("During experiences");
  });

  it("is empty where there are no receipts", () => {
    const none = [...site([])];
    expect(none.map(({ path }) => path)).toEqual(["index.html"]);
    check(none);
    expect(none[0].content).toContain("There are no receipts yet.");
  });

  it("lists the last suites' settings where their tables would make the first page larger than 150 kB", () => {
    const many = Array.from({ length: 300 }, (_, i) => {
      const made = madeUp({
        learner: learners[i % 6],
        seed: 0,
        name: `run-${i}`,
        setting: `setting-${i % 10}`,
        tasks: 2,
      });
      const suite = `suite-${i % 3}`;
      return { ...made, spec: { ...made.spec, protocol: { ...made.spec.protocol, suite, title: suite } } };
    });
    const [index] = site(many);
    check([index]);
    expect(Buffer.byteLength(index.content)).toBeLessThanOrEqual(150_000);
    const [first, second, third] = index.content.split("<h2>").slice(1);
    expect([first, second, third].map((suite) => suite.includes("<table"))).toEqual([true, false, false]);
    expect(third.match(/data-filter="/g)).toHaveLength(10);
    // Its contents lead to tables on the page, and to the pages of the others.
    const contents = index.content.slice(index.content.indexOf("<nav"), index.content.indexOf("</nav>"));
    const links = [...contents.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(links.filter((href) => href.startsWith("#suite-"))).toHaveLength(3);
    expect(links.filter((href) => /^#setting-0-\d$/.test(href))).toHaveLength(10);
    expect(links.filter((href) => /^settings\/suite-[12]-setting-\d\.html$/.test(href))).toHaveLength(20);
  });

  it("lists settings instead of showing their tables where there are many rows", () => {
    const many = Array.from({ length: 401 }, (_, i) =>
      madeUp({ learner: learners[i % 6], seed: 0, name: `run-${i}`, setting: `setting-${i % 20}`, tasks: 2 }),
    );
    const made = [...site(many)].slice(0, 20);
    check(pages(made));
    expect(made[0].content).not.toContain("<table");
    expect(made[0].content).not.toContain('class="contents"'); // the page is no more than that
    expect(made[0].content.match(/data-filter="/g)).toHaveLength(20);
  });
});

describe("receipts of old", () => {
  it("that lack nearly everything are shown, and what is missing is said", () => {
    const old = Array.from(Array(10).keys(), (seed): Receipt => {
      const { name, specId, cellId, metrics, environment, spec } = madeUp({ learner: learners[2], seed });
      const { label: _, settings: __, protocol: ___, ...rest } = spec;
      // Compact lines of old had no R at all.
      const lacking = { name, seed, specId, cellId, metrics, environment, spec: rest, seconds: 1 };
      return (seed % 2 === 0 ? lacking : { ...lacking, accuracy: [], initial: [] }) as unknown as Receipt;
    });
    const made = [...site(old)];
    check(pages(made));
    const run = made.find(({ path }) => path.startsWith("runs/"))?.content ?? "";
    expect(run).toContain("Accuracy matrix R: not recorded.");
    expect(run).toContain("Not recorded: gradients, memory, digest, answers, receipt.");
    expect(run.match(/not recorded/g)?.length).toBeGreaterThan(4);
    const setting = made.find(({ path }) => /^settings.*html$/.test(path))?.content ?? "";
    expect(setting).toContain("gradients per example: not recorded.");
    expect(setting).toContain("runs on equal data and streams are put together");
  });

  it("whose R is no matrix of fractions keep no others from being shown", () => {
    for (const accuracy of [[[1, 2]], [[0.5], [0.5, 0.5]], [[]], [[Number.NaN, null]]])
      check(pages([...site([{ ...madeUp({ learner: learners[0], seed: 0 }), accuracy }])]));
  });

  it("of experiences that are not the tasks, or of one task only, are drawn", () => {
    const base = madeUp({ learner: learners[0], seed: 0, tasks: 3 });
    const recurring = {
      ...base,
      accuracy: [...base.accuracy, ...base.accuracy],
      tasks: [[0], [1], [2], [0], [1, 2], [2]],
    };
    for (const receipt of [recurring, madeUp({ learner: learners[0], seed: 0, tasks: 1 })]) {
      const made = [...site([receipt])];
      check(pages(made));
      for (const { content } of pages(made)) expect(content).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/);
    }
  });
});

describe("hostile receipts", () => {
  it("are shown as text: every page is made of the same tags, and every text is there", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 9, maxLength: 9 }), (texts) => {
        const [name, label, setting, suite, message, title, source, version, key] = texts;
        const receipts = [0, 1].map((seed): Receipt => {
          const protocol = { suite, title, tuning: { protocol: "published" as const, source } };
          const made = madeUp({
            learner: learners[0],
            seed,
            name,
            tasks: 2,
            spec: { label, settings: [setting], protocol, description: message, [key]: key },
            ...(seed === 1 ? { status: "diverged" as const, message } : {}),
          });
          const plugins = { [key]: { name: key, package: version, version } };
          const environment = { [version]: key };
          return { ...made, plugins, environment, checksum: source, commit: version, digest: key };
        });
        const made = [...site(receipts, { title, description: message, receipt: () => `${name}/${key}` })];
        for (const { path } of made)
          expect(path).toMatch(/^(index|settings\/[a-z0-9._-]+|runs\/[a-z0-9._-]+)\.(html|csv|md|tex)$/);
        const shown = check(pages(made)).join("\n");
        const visible = (text: string) =>
          text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
        for (const text of [message, source, version]) expect(shown).toContain(visible(text));
        for (const text of [name, plainText(label), plainText(setting)])
          expect(shown).toContain(Array.from(visible(text)).slice(0, 60).join(""));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a run's page", () => {
  const [first, second] = [0, 1].map((seed) => madeUp({ learner: learners[0], seed, name: "online", tasks: 2 }));
  const shown = (receipts: readonly Receipt[]) => {
    const page = [...site(receipts, options)].find(({ content: text }) => text.includes("Run it again"));
    return read(page?.content ?? "")
      .texts.map((text) => text.trim())
      .filter((text) => text !== "");
  };

  it("lists the classes of each task, by name, for each order once", () => {
    const classNames = ["cat", "<b>dog</b>", "2", "e\u0301 \u202e x"];
    const texts = shown([
      {
        ...first,
        classes: [
          [1, 0],
          [3, 2],
        ],
        classNames,
      },
      {
        ...second,
        classes: [
          [2, 3],
          [0, 1],
        ],
        classNames,
      },
    ]);
    const text = texts.join(" ");
    expect(text).toContain("Seed 0 task 1 1 <b>dog</b> , 0 cat task 2 3");
    expect(text).toContain("Seed 1 task 1 2, 3");
    expect(text).not.toContain("\u202e");
  });
});
