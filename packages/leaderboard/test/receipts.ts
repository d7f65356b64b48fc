import type { Receipt, ReceiptSpec, Status } from "@everlearn/records";

/** A random number generator of the tests' own: mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

const hex = (text: string): string =>
  Array.from({ length: 8 }, (_, i) => hash(`${i}${text}`).toString(16).padStart(8, "0")).join("");

export interface Learner {
  readonly label: string;
  /** Accuracy on a task just after it was learned. */
  readonly learning: number;
  /** The fraction of that above chance which is left after ten more tasks. */
  readonly keeps: number;
  /** Gradients for each example. */
  readonly gradients: number;
  readonly capacity?: number;
}

export const learners: readonly Learner[] = [
  { label: "Online", learning: 0.86, keeps: 0.35, gradients: 1 },
  { label: "EWC", learning: 0.84, keeps: 0.45, gradients: 1.4 },
  { label: "ER", learning: 0.88, keeps: 0.72, gradients: 11, capacity: 200 },
  { label: "A-GEM", learning: 0.87, keeps: 0.6, gradients: 22, capacity: 200 },
  { label: "DER++", learning: 0.88, keeps: 0.77, gradients: 33, capacity: 200 },
  { label: "MER", learning: 0.87, keeps: 0.84, gradients: 101, capacity: 200 },
];

export interface MadeUp {
  readonly suite?: string;
  readonly setting?: string;
  readonly tasks?: number;
  readonly learner: Learner;
  readonly seed: number;
  readonly name?: string;
  readonly spec?: Partial<ReceiptSpec>;
  readonly status?: Status;
  readonly message?: string;
  readonly glances?: number;
}

/** A receipt whose R looks like one that was measured: learned high, then decaying, with noise of the seed. */
export function madeUp(options: MadeUp): Receipt {
  const { suite = "rotations", setting = "rotations-200", tasks = 10, learner, seed, status } = options;
  const name = options.name ?? `${learner.label.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${setting}`;
  const random = uniform(hash(`${name}/${seed}`));
  const shift = 0.03 * (uniform(hash(`${setting}/${seed}`))() - 0.5); // of the seed, for all learners
  const clip = (value: number) => Math.round(1e4 * Math.min(1, Math.max(0, value))) / 1e4;
  const accuracyOf = (i: number, j: number) => {
    const ceiling = learner.learning - 0.1 + shift + 0.02 * Math.sin(j);
    const kept = i < j ? 0.12 * Math.exp((i - j) / 2) : learner.keeps ** ((i - j) / 10);
    return clip(0.1 + ceiling * kept + 0.02 * (random() - 0.5));
  };
  const accuracy = Array.from({ length: tasks }, (_, i) => Array.from({ length: tasks }, (_, j) => accuracyOf(i, j)));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const last = accuracy[tasks - 1];
  const [ra, la] = [mean(last), mean(accuracy.map((row, i) => row[i]))];
  const peak = (j: number) => Math.max(...accuracy.slice(0, -1).map((row) => row[j]));
  const spec: ReceiptSpec = {
    name,
    label: learner.label,
    description: "Digits, each task turned by another angle, as in Riemer et al. 2019.",
    settings: [setting],
    protocol: {
      suite,
      title: "Rotated digits",
      track: "closed",
      minimumEffect: 0.01,
      tuning: { protocol: "published", source: "arXiv:1810.11910" },
    },
    dataset: { use: "mnist" },
    stream: { use: "rotated", tasks, examplesPerTask: 1000, maxAngle: 180 } as ReceiptSpec["stream"],
    scenario: { use: "domain-il" },
    network: { use: "mlp", hidden: [100, 100] },
    learner: { use: learner.label.toLowerCase() },
    ...(learner.capacity === undefined ? {} : { buffer: { use: "reservoir", capacity: learner.capacity } }),
    ...options.spec,
  };
  const specId = hex(JSON.stringify(spec));
  const examples = 1000 * tasks;
  const finished = status === undefined || status === "finished";
  const receipt: Receipt = {
    name,
    seed,
    specId,
    cellId: hex(`${specId}${seed}`),
    spec,
    accuracy: finished ? accuracy : [],
    initial: accuracy[0].map(() => 0.1),
    metrics: finished
      ? {
          retainedAccuracy: ra,
          learningAccuracy: la,
          backwardTransferAndInterference: ra - la,
          forwardTransfer: 0.02,
          forgettingFromPeak: tasks > 1 ? mean(last.slice(0, -1).map((value, j) => peak(j) - value)) : null,
          averageAnytimeAccuracy: null,
        }
      : {},
    status: status ?? "finished",
    chance: 0.1,
    plugins: {
      learner: { name: learner.label.toLowerCase(), package: "@everlearn/learner-x", version: "0.1.0" },
      stream: { name: "rotated", package: "@everlearn/stream-rotated", version: "0.1.0" },
    },
    checksum: hex("mnist"),
    taskLabels: { training: 0, test: 0, boundaries: 0 },
    predictions: { count: 1000, sha256: hex(`answers ${name} ${seed}`) },
    examples,
    gradients: Math.round(learner.gradients * examples),
    bytes: 358_440 + (learner.capacity ?? 0) * 800,
    seconds: Math.round(20 * learner.gradients) / 10,
    ...(finished ? { digest: hex(`digest ${name} ${seed}`) } : {}),
    environment: { node: "v20.20.2", platform: "linux-x64", processor: "Intel(R) Xeon(R) Processor" },
    commit: "769190ceb08df42aa7ef64d9c69f1ee16dc1ba30",
    ...(options.message === undefined ? {} : { message: options.message }),
  };
  if (options.glances === undefined) return receipt;
  const every = Math.round(examples / options.glances);
  const glances = Array.from({ length: options.glances }, (_, g) => {
    const experience = Math.min(tasks - 1, Math.floor((g * every) / 1000));
    return {
      examples: g * every,
      experience,
      accuracy: last.map((_, j) => (j <= experience ? clip(accuracy[experience][j] - 0.1 * random()) : null)),
    };
  });
  return Object.assign(receipt, { glances });
}

/** A whole made-up leaderboard: two suites, three settings, one learner that diverged and one preview. */
export function* leaderboard(seeds = 10): Generator<Receipt> {
  for (const setting of ["rotations-200", "rotations-500", "permutations-200"])
    for (const learner of learners)
      for (let seed = 0; seed < (learner.label === "A-GEM" ? 3 : seeds); seed++) {
        const diverged = learner.label === "EWC" && setting === "rotations-500" && seed === 7;
        const what = { suite: setting.replace(/-\d+$/, ""), setting, learner, seed };
        const title = setting.startsWith("rotations") ? "Rotated digits" : "Permuted digits";
        const base = madeUp(what).spec.protocol;
        yield madeUp({
          ...what,
          tasks: setting === "permutations-200" ? 20 : 10,
          spec: { protocol: { ...base, title } },
          ...(learner.label === "ER" ? { glances: 100 } : {}),
          ...(diverged ? { status: "diverged", message: "The loss became NaN in task 4, after 3,120 examples." } : {}),
        });
      }
}
