import type { CreateNetwork, Input, Learner, Network, OptionsFor, Plugin, Query } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { taskParameters } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The students' learning rate α." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Prediction error-based classification (Zając, Tuytelaars & van de Ven 2024): each class has a student g, which learns from the
 * class's examples what a fixed random teacher h makes of them. The answer is the class whose student errs least,
 * argmin ‖g(x) − h(x)‖². The teacher is the network up to its features.
 */
export async function pec(
  given: OptionsFor<typeof options>,
  { network: teacher, createNetwork }: { network: Network; createNetwork: CreateNetwork },
): Promise<Learner> {
  const { alpha, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  const d = teacher.features([{ x: new Float32Array(teacher.inputs) }]).length;
  const student = await createNetwork("student", { outputs: d }); // of the class at hand; those of others are put away
  const students = taskParameters(student, { warmStart: false });
  let classes: number[] = []; // those that have come, ascending

  /** ‖g(x) − h(x)‖² of each query, for a class's g. */
  function errors(y: number, queries: readonly Query[], h: Float32Array): Float64Array {
    const g = students.asIf(y, () => student.logits(queries));
    const sums = new Float64Array(queries.length);
    for (let i = 0; i < g.length; i++) sums[Math.floor(i / d)] += (g[i] - h[i]) * (g[i] - h[i]);
    return sums;
  }

  return {
    observe(batch) {
      const h = teacher.features(batch);
      const lessons = new Map<number, { x: Input; logits: Float32Array }[]>();
      batch.forEach(({ x, y }, i) => {
        const own = lessons.get(y) ?? [];
        own.push({ x, logits: h.slice(i * d, (i + 1) * d) });
        lessons.set(y, own);
      });
      for (const [y, own] of lessons) {
        students.switchTo(y);
        student.descend(own, alpha, limits);
        if (!classes.includes(y)) classes = [...classes, y].sort((a, b) => a - b);
      }
    },
    predict(queries) {
      const h = teacher.features(queries);
      const found = classes.map((y) => errors(y, queries, h));
      return Uint16Array.from(queries, ({ outputs }, i) => {
        let [answer, least] = [outputs?.[0] ?? 0, Infinity];
        classes.forEach((y, c) => {
          if (found[c][i] < least && outputs?.includes(y) !== false) [answer, least] = [y, found[c][i]];
        });
        return answer;
      });
    },
    save: () => ({ students: students.save(), classes }),
    load(state) {
      const saved = state as { students: ReturnType<typeof students.save>; classes: number[] };
      students.load(saved.students);
      ({ classes } = saved);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "pec",
  contract: 2,
  description: "Prediction error-based classification: the class whose student errs least about a random teacher.",
  paper: "arXiv:2305.18806",
  options,
  needs: ["network"],
  create: pec,
};
export default plugin;
