import { type Plugin, SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { completeSpec, createCell, createContext, planRun } from "../src/index.js";
import { fake, fakes, mer, planned, raw, refusal, run } from "./fakes.js";

const nearest = { learner: { use: "nearest-mean" }, buffer: null };

describe("a run that is planned with plugins that are at hand", () => {
  it("needs no folder: its spec has every option, its identity every plugin", async () => {
    const { spec, plugins, specId, folder } = await planRun(
      completeSpec({ name: "page", stream: { use: "plain" }, learner: mer, buffer: { use: "reservoir", capacity: 5 } }),
      createContext(fakes()),
    );
    expect(spec).toEqual({
      name: "page",
      dataset: { use: "glyphs", size: 3 },
      stream: { use: "plain", tasks: 2 },
      scenario: { use: "domain-il", boundaries: true },
      network: { use: "mlp", hidden: [100, 100] },
      learner: mer,
      buffer: { use: "reservoir", capacity: 5 },
      batchSize: 1,
      evaluation: { tasks: "all", every: 0, examples: 0 },
      metrics: [],
      trackers: [],
      seeds: [0],
    });
    expect(plugins.learner).toEqual({ name: "mer", package: "@fake/learner-mer", version: "1.0.0" });
    expect(specId).toMatch(/^[0-9a-f]{64}$/);
    expect(folder).toBe(".");
    expect((await planRun(spec, createContext(fakes()))).specId).toBe(specId);
  });

  it("finds them by short name and by package, and names those that are there", async () => {
    expect((await planned({ learner: { ...mer, use: "@fake/learner-mer" } })).parts.learner.plugin.name).toBe("mer");
    expect(await refusal({ learner: { use: "mmer" } })).toBe(
      'quick.json: /learner/use: There is no learner "mmer"; did you mean "mer"? The learners here: er, ewc, mer, nearest-mean, online.',
    );
    expect(await refusal({ learner: { use: "reservoir" }, trackers: [{ use: "./a.mjs" }] })).toBe(
      'quick.json: /learner/use: There is no learner "reservoir". The learners here: er, ewc, mer, nearest-mean, online.\n' +
        'quick.json: /trackers/0/use: There is no tracker "./a.mjs". The trackers here: memory.',
    );
  });

  it("says all that is wrong with options at once, in the order of the spec's fields", async () => {
    const changes = {
      stream: { use: "plain", task: 3 },
      learner: { use: "mer", alpha: 2 },
      network: { use: "mlp", hidden: [0] },
    };
    expect((await refusal(changes)).split("\n")).toEqual([
      'quick.json: /stream has no option "task"; did you mean "tasks"? Its options: tasks.',
      "quick.json: /network/hidden/0 must be ≥ 1, but is 0.",
      "quick.json: /learner/alpha must be > 0 and ≤ 1, but is 2.",
    ]);
  });

  it("decides what options leave open, but has no files to read", async () => {
    const library = { type: "string", default: "auto", description: "." } as const;
    const choosing = fake("network", "choosing", {
      options: { library },
      resolveOptions: () => ({ options: { library: "plain" }, environment: { library: "plain 1" } }),
      create: (options: object) => options,
    });
    const plan = await planned({ network: { use: "choosing" } }, [choosing]);
    expect(plan.spec.network).toEqual({ use: "choosing", library: "plain" });
    expect(plan.environment).toEqual({ library: "plain 1" });
    const reading = fake("network", "reading", {
      resolveOptions: (_: object, { version }: { version(file: string): string }) => ({
        options: { v: version("a.js") },
      }),
      create: (options: object) => options,
    });
    expect(await refusal({ network: { use: "reading" } }, [reading])).toBe(
      'quick.json: /network: "a.js" cannot be read here; only the plugins that were passed to createContext can be used.',
    );
  });

  it("makes the cells of its spec", async () => {
    const plan = await planned();
    const [cell, other] = [await createCell(plan, 0), await createCell(plan, 1)];
    expect(cell.cellId).not.toBe(other.cellId);
    expect(cell.specId).toBe(plan.specId);
  });
});

describe("a learner that trains no network", () => {
  it("is given none: not in the spec, the record, the identity and the parts", async () => {
    const plan = await planned(nearest);
    expect(plan.spec).not.toHaveProperty("network");
    expect(Object.keys(plan.plugins)).not.toContain("network");
    const cell = await createCell(plan, 0);
    expect(Object.keys(cell.parts)).toEqual(["learner", "random-learner", "random-stream"]);
    expect(Object.keys((cell.learner as unknown as { given: object }).given)).toEqual([
      ...["shape", "inputs", "outputs", "views", "random"],
    ]);
    expect(cell).not.toHaveProperty("network");
    expect([cell.gradients(), cell.loss()]).toEqual([0, undefined]);

    const later = fakes().map((found) =>
      found.plugin.kind === "network" || found.plugin.kind === "optimizer" ? { ...found, version: "2.0.0" } : found,
    );
    const idWith = async (base: typeof later, changes: object) => (await planned(changes, [], base)).specId;
    expect(await idWith(later, nearest)).toBe(plan.specId);
    expect(await idWith(later, {})).not.toBe(await idWith(fakes(), {}));
  });

  it("is the same where the spec says that there is none", async () => {
    const { specId, spec } = await planned({ ...nearest, network: null, optimizer: null });
    expect(specId).toBe((await planned(nearest)).specId);
    expect(spec).not.toHaveProperty("network");
  });

  it("is refused with a network, and with an optimizer", async () => {
    const both = { network: { use: "mlp" }, optimizer: { use: "adam" } };
    const sentence = (kind: string, name: string) =>
      `quick.json: learner "nearest-mean" trains no network, but the run has the ${kind} "${name}"; remove it (where a suite shares it, write "${kind}": null).`;
    expect(await refusal({ ...nearest, network: both.network })).toBe(sentence("network", "mlp"));
    expect(await refusal({ ...nearest, optimizer: both.optimizer })).toBe(sentence("optimizer", "adam"));
    expect(await refusal({ ...nearest, ...both })).toBe(
      `${sentence("network", "mlp")}\n${sentence("optimizer", "adam")}`,
    );
  });
});

describe("a probe of a network's features", () => {
  it("is refused where there is no network", async () => {
    expect(await refusal({ ...nearest, evaluation: { probe: 10 } })).toBe(
      'quick.json: a probe reads a network\'s features, but learner "nearest-mean" has none; leave "probe" out of "evaluation".',
    );
    expect((await planned({ evaluation: { probe: 10 } })).specId).not.toBe((await planned()).specId);
    expect((await planned({ evaluation: { probe: 0, confusion: false } })).specId).toBe((await planned()).specId);
  });
});

describe("a learner that trains a network", () => {
  it("is given the usual one, unless the spec takes it away", async () => {
    expect((await planned()).spec.network).toEqual({ use: "mlp", hidden: [100, 100] });
    expect(await refusal({ network: null })).toBe(
      'quick.json: learner "mer" trains a network, but the run has none; add one, such as "network": {"use": "mlp", "hidden": [100, 100]}.',
    );
  });

  it("is given it for any link of its chain, and where its options ask for it", async () => {
    const outer = fake("learner", "outer", { needs: ["of"], create: () => ({}) });
    const of = (use: string) => ({ learner: { use: "outer", of: { use } }, buffer: null });
    expect((await planned(of("online"), [outer])).spec).toHaveProperty("network");
    expect((await planned(of("nearest-mean"), [outer])).spec).not.toHaveProperty("network");
    const sometimes = fake("learner", "sometimes", {
      options: { trains: { type: "boolean", default: false, description: "." } },
      needs: ({ trains }: { trains: boolean }) => (trains ? ["network"] : []),
      create: () => ({}),
    });
    const learner = (trains: boolean) => ({ learner: { use: "sometimes", trains }, buffer: null });
    expect((await planned(learner(true), [sometimes])).spec).toHaveProperty("network");
    expect((await planned(learner(false), [sometimes])).spec).not.toHaveProperty("network");
  });
});

describe("a learner with a loss of its own", () => {
  const differing = fake("learner", "differing", {
    needs: ["backward"],
    create: (_: object, given: object) => ({ given }),
  });
  const changes = { learner: { use: "differing" }, buffer: null };
  const network = (own: object) =>
    fake("network", "odd", { create: (_: object, given: object) => ({ ...given, theta: {}, ...own }) });

  it("is refused with a network that cannot propagate its gradient back", async () => {
    expect(await refusal(changes, [differing])).toBe(
      'quick.json: learner "differing" needs a network that propagates the gradient of a loss of its own back, which network "mlp" does not; use one that does, such as "mlp".',
    );
  });

  it("is handed one that can, and its gradients are counted", async () => {
    const able = network({ backward() {} });
    const cell = await createCell(await planned({ ...changes, network: { use: "odd" } }, [differing, able]), 0);
    const given = (cell.learner as unknown as { given: { network: typeof cell.network } }).given;
    given.network?.backward?.([{ x: new Uint8Array(6) }, { x: new Uint8Array(6) }], null, null, {} as never);
    expect(cell.gradients()).toBe(2);
  });

  it("looks at the outermost of a chain of networks", async () => {
    const around = (name: string, own: (of: object) => object) =>
      fake("network", name, { needs: ["of"], create: (_: object, { of }: { of: object }) => own(of) });
    const cut = around("cut", (of) => ({ ...of, backward: undefined }));
    const able = network({ backward() {} });
    const chain = (use: string) => ({ ...changes, network: { use, of: { use: "odd" } } });
    expect(await refusal(chain("cut"), [differing, able, cut])).toContain('which network "cut" does not');
    const through = around("through", (of) => of);
    expect((await planned(chain("through"), [differing, able, through])).plugins.network.name).toBe("through");
  });
});

describe("where tasks end", () => {
  const told = async (changes: object) => (await createCell(await planned(changes), 0)).boundaries;
  const ewc = { learner: { use: "ewc" }, buffer: null };
  const er = { learner: { use: "er" } };
  const labelled = { use: "class-il", taskLabels: "training" };

  it("is told to a learner that needs it, without any task label", async () => {
    expect(await told(ewc)).toBe(true);
    expect(await told({ ...ewc, scenario: { use: "class-il" } })).toBe(true);
    expect(await told({ ...ewc, stream: { use: "blurry", of: { use: "plain" } } })).toBe(true);
  });

  it("is told to others only with task labels, which say so anyway", async () => {
    expect(await told(er)).toBe(false);
    expect(await told({ ...er, scenario: labelled })).toBe(true);
    expect(await told({ ...er, scenario: { ...labelled, boundaries: false } })).toBe(false);
    expect(await told({ ...er, scenario: labelled, stream: { use: "iid", of: { use: "plain" } } })).toBe(false);
  });

  it("is told where any link of the learner's chain needs it", async () => {
    const outer = fake("learner", "outer", { needs: ["of"], create: () => ({}) });
    const of = (inner: object) => planned({ ...ewc, learner: { use: "outer", of: inner } }, [outer]);
    expect((await createCell(await of({ use: "ewc" }), 0)).boundaries).toBe(true);
    expect((await createCell(await of({ use: "online" }), 0)).boundaries).toBe(false);
  });

  it("is not told by a scenario that does not grant it, nor by a stream that does not know", async () => {
    expect(await refusal({ ...ewc, scenario: { use: "domain-il", boundaries: false } })).toBe(
      'quick.json: learner "ewc" needs to be told where a task ends, which scenario "domain-il" does not grant; give it the option "boundaries": true.',
    );
    expect(await refusal({ ...ewc, stream: { use: "iid", of: { use: "plain" } } })).toBe(
      'quick.json: learner "ewc" needs to be told where a task ends, which stream "iid" cannot say; use a stream with task boundaries, such as "rotated".',
    );
  });
});

describe("what a run says", () => {
  it("is part of its identity, but for names, seeds, trackers and where it was read from", async () => {
    const { specId } = await planned();
    const { source: _, ...unread } = run();
    const ids = async (changes: object) => (await planRun({ ...unread, ...changes }, createContext(fakes()))).specId;
    expect(await ids({ name: "other", description: "Words.", seeds: [5], trackers: [{ use: "memory" }] })).toBe(specId);
    expect(await ids({ protocol: { budget: { seconds: 3 } } })).toBe(specId);
    for (const other of [
      { batchSize: 2 },
      { evaluation: { tasks: "all", every: 5, examples: 0 } },
      { protocol: { budget: { bytes: 3 } } },
      { metrics: [{ use: "mean" }] },
      { optimizer: { use: "adam" } },
    ])
      expect(await ids(other)).not.toBe(specId);
  });

  it("may hold plain values only", async () => {
    expect(await refusal({ learner: { use: "mer", alpha: () => 1 } })).toMatch(
      /^quick\.json: \/learner must hold plain values only; .* could not be cloned\.$/,
    );
  });

  it("is refused where two of a kind cannot both be had, each named", async () => {
    expect(await refusal({ metrics: [{ use: "mean" }, { use: "mean" }] })).toBe(
      'quick.json: metric "mean" is listed twice; remove one.',
    );
    const odd = raw("metric", "odd", { needs: ["network"], create: () => () => 1 });
    expect(await refusal({ metrics: [{ use: "odd" }] }, [odd])).toBe(
      'quick.json: metric "odd" needs "network", which no run can grant it.',
    );
  });

  it("lets errors through that are no refusal", async () => {
    const context = createContext(fakes());
    const broken = { ...context, find: () => Promise.reject(new TypeError("no search")) };
    await expect(planRun(run(), broken)).rejects.toThrow(new TypeError("no search"));
    const failing = {
      ...context,
      checkOptions: (plugin: Pick<Plugin, "name">) => {
        throw new SpecError(plugin.name);
      },
    };
    await expect(planRun(run(), failing)).rejects.toThrow("glyphs");
  });
});
