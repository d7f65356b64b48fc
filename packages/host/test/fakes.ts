import { type Kind, members } from "@everlearn/contracts";

export interface Fake {
  readonly kind: Kind;
  readonly name: string;
  readonly package?: string;
  readonly version?: string;
  /** The source of what the plugin object has beyond kind, name and description. */
  readonly body?: string;
  /** The whole source of its module. */
  readonly source?: string;
  readonly manifest?: Record<string, unknown>;
}

/** What a part must have, whatever its kind. */
const required = Object.values(members).flatMap((all) =>
  Object.entries<string>(all).flatMap(([member, how]) => (how === "required" ? [member] : [])),
);

/** Source of `others`: what a part has and no test of this room calls. */
const others = `const others = Object.fromEntries(${JSON.stringify([...new Set(required)])}.map((member) => [member, () => {}]));
`;

/** The files of an installed package with a plugin. */
export function fake({ kind, name, package: full = `@fake/${kind}-${name}`, version = "1.0.0", ...rest }: Fake) {
  const { body = "options: {}, create: () => others", manifest = {} } = rest;
  const source =
    rest.source ??
    `${others}export default { kind: "${kind}", name: "${name}", contract: 2, description: "A fake.", ${body} };\n`;
  const folder = `node_modules/${full}`;
  const everlearn = { kind, name };
  const announced = { name: full, version, description: `A fake ${kind}.`, type: "module", main: "i.js", everlearn };
  return { [`${folder}/package.json`]: JSON.stringify({ ...announced, ...manifest }), [`${folder}/i.js`]: source };
}

/** Source of what every part of a cell has: a journal of what happened, on the global `log`. */
const noted = (what: string) => `globalThis.everlearnLog?.push(${JSON.stringify(what)})`;
const stateful = "save: () => null, load() {}";

/** One plugin of each kind; each says in the log when it was made and disposed, and draws from its generator. */
export function fakes(): Record<string, string> {
  const all: Fake[] = [
    {
      kind: "dataset",
      name: "glyphs",
      body: `options: { size: { type: "integer", minimum: 1, default: 3, description: "." } },
        async create({ size }, { folder }) { ${noted("make dataset")};
          if (size > 100) throw new RangeError("size = " + size + " is too much.");
          return { ...others, shape: [2, size, 1], classes: 4, checksum: "sum" + size, folder }; }`,
    },
    {
      kind: "stream",
      name: "plain",
      body: `options: { tasks: { type: "integer", minimum: 1, default: 2, description: "." } },
        async create({ tasks }, { dataset, random }) { ${noted("make stream")};
          return { ...others, tasks, experiences: tasks, boundaries: true, shape: dataset.shape, classes: dataset.classes, dataset, draw: random.integer(1e9),
            dispose() { ${noted("dispose stream")} } }; }`,
    },
    ...["blurry", "iid"].map(
      (name): Fake => ({
        kind: "stream",
        name,
        body: `options: { fraction: { type: "number", minimum: 0, maximum: 1, default: 0, description: "." } },
          needs: ["of"],
          create({ fraction }, { of, dataset, random }) { ${noted(`make ${name}`)};
            return { ...of, boundaries: ${name === "blurry"}, fraction, of, dataset, draw: random.integer(1e9),
              dispose() { ${noted(`dispose ${name}`)} } }; }`,
      }),
    ),
    {
      kind: "scenario",
      name: "task-il",
      body: `options: {}, create: (_, { stream }) => ({ ...others, taskLabels: "always", outputs: stream.classes, stream })`,
    },
    {
      kind: "scenario",
      name: "class-il",
      body: `options: { 
          taskLabels: { type: "string", enum: ["never", "training"], default: "never", description: "." },
          boundaries: { type: "boolean", default: true, description: "." } },
        create: ({ taskLabels, boundaries }, { stream }) => ({ ...others, taskLabels, boundaries, outputs: stream.classes, stream })`,
    },
    {
      kind: "scenario",
      name: "domain-il",
      body: `options: {}, create: (_, { stream }) => ({ ...others, taskLabels: "never", outputs: 2, stream })`,
    },
    {
      kind: "augmentation",
      name: "crop",
      body: `options: { padding: { type: "integer", minimum: 0, default: 4, description: "." } },
        create: ({ padding }, { random }) => ({ ...others, padding, draw: random.integer(1e9) })`,
    },
    {
      kind: "network",
      name: "mlp",
      body: `options: { hidden: { type: "array", items: { type: "integer", minimum: 1 }, default: [100, 100], description: "." } },
        async create({ hidden }, { inputs, outputs, random }) {
          await new Promise((done) => setTimeout(done, 5)); ${noted("make network")};
          return { ...others, inputs, outputs, theta: { hidden, draw: random.integer(1e9) }, descend: () => 0.5,
            save: () => "theta", load() {}, dispose() { ${noted("dispose network")} } }; }`,
    },
    {
      kind: "optimizer",
      name: "adam",
      body: `options: { epsilon: { type: "number", exclusiveMinimum: 0, default: 1e-8, description: "." } },
        create({ epsilon }) { ${noted("make optimizer")};
          return { update() {}, epsilon, ${stateful}, dispose() { ${noted("dispose optimizer")} } }; }`,
    },
    {
      kind: "buffer",
      name: "reservoir",
      body: `options: { capacity: { type: "integer", minimum: 1, description: "." }, labels: { type: "boolean", default: false, description: "." } },
        needs: ({ labels }) => (labels ? ["taskLabels"] : []),
        create({ capacity }, { random }) { ${noted("make buffer")};
          if (capacity === 13) throw new RangeError("capacity = 13 brings bad luck.");
          return { ...others, capacity, draw: random.integer(1e9), ${stateful}, dispose() { ${noted("dispose buffer")} } }; }`,
    },
    {
      kind: "learner",
      name: "mer",
      body: `options: {
          alpha: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "." },
          k: { type: "integer", minimum: 1, default: 2, description: "." } },
        needs: ["network", "buffer"],
        create(options, { network, buffer, random }) { ${noted("make learner")};
          if (options.k - 1 > buffer.capacity) throw new RangeError("k = " + options.k + " asks for too many draws.");
          return { ...others, options, network, buffer, draw: random.integer(1e9), ${stateful}, dispose() { ${noted("dispose learner")} } }; }`,
    },
    {
      kind: "learner",
      name: "online",
      body: `options: {}, needs: ["network"], create: (_, given) => ({ ...others, given, ${stateful} })`,
    },
    {
      kind: "learner",
      name: "gem",
      body: `options: {}, needs: ["network", "taskLabels"], create: () => ({ ...others, ${stateful} })`,
    },
    {
      kind: "learner",
      name: "ewc",
      body: `options: { named: { type: "boolean", default: false, description: "." } },
        needs: ({ named }) => (named ? ["network", "taskLabels", "boundaries"] : ["network", "boundaries"]), create: () => ({ ...others, ${stateful} })`,
    },
    {
      kind: "learner",
      name: "independent",
      body: `options: {}, needs: ["network", "testTaskLabels"], create: () => ({ ...others, ${stateful} })`,
    },
    {
      kind: "metric",
      name: "mean",
      body: `options: { scale: { type: "number", default: 1, description: "." } }, create: ({ scale }) => () => scale`,
    },
    {
      kind: "tracker",
      name: "memory",
      body: `options: { mood: { type: "string", default: "calm", description: "." } },
        create({ mood }) { ${noted("make tracker")};
          return { mood, sync: async () => ({ pending: 0 }), async dispose() { ${noted("dispose tracker")} } }; }`,
    },
  ];
  return Object.assign({}, ...all.map(fake)) as Record<string, string>;
}
