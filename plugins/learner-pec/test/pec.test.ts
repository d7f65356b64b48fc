import { checkLearner } from "@everlearn/conformance";
import type { CreateNetwork, Example, Network } from "@everlearn/contracts";
import plugin, { pec } from "@everlearn/learner-pec";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lesson, plus, range, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const classIl = lesson({ classes: [[1, 3], [0], [2]], examples: 90 });

/** The learner, its teacher and its student's network. */
async function start(alpha: number, clip = 0, outputs = classIl.outputs) {
  const sizes = { hidden: [12] };
  const teacher = mlp(sizes, { inputs: 16, outputs, random: random(2) });
  let student: Network = teacher;
  const createNetwork: CreateNetwork = async (name, size) => {
    expect(name).toBe("student");
    student = mlp(sizes, { inputs: 16, outputs: size?.outputs ?? 0, random: random(3) });
    return student;
  };
  const learner = await pec({ alpha, clip }, { network: teacher, createNetwork });
  return { learner, teacher, student };
}

/** Students and answers as the paper has them. */
function textbook(alpha: number, clip: number, [h, start]: readonly Float64Array[], outputs: number) {
  const [teacher, student] = [denseNetwork(16, 12, outputs), denseNetwork(16, 12, 12)];
  const students = new Map<number, Float64Array>();
  const target = (x: Example["x"]) => Float32Array.from(teacher.features(h, x));
  return {
    students,
    learn(batch: readonly Example[]) {
      for (const y of new Set(batch.map((example) => example.y))) {
        const theta = students.get(y) ?? start;
        const terms = batch.flatMap((one) => (one.y === y ? [{ x: one.x, logits: target(one.x) }] : []));
        students.set(y, plus(theta, clipped(student.gradient(theta, terms), clip), -alpha));
      }
    },
    answer(x: Example["x"], among: readonly number[]): number {
      const error = (y: number) => {
        const own = students.get(y);
        return own ? student.loss(own, [{ x, logits: target(x) }]) : Infinity;
      };
      return among.reduce((best, y) => (error(y) < error(best) ? y : best));
    },
  };
}

describe("learner-pec", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.5 } });
    await checkLearner(plugin, { options: { alpha: 0.3, clip: 1 }, examples: 80 });
  });

  it.each([
    { name: "Class-IL", lesson: classIl, size: 1, clip: 0, least: 0.6 },
    { name: "Class-IL", lesson: classIl, size: 8, clip: 0.2, least: 0.6 },
    { name: "Task-IL", lesson: lesson({ tasks: 2, taskLabels: "always" }), size: 3, clip: 0, least: 0.6 },
    { name: "Domain-IL", lesson: lesson({ tasks: 2 }), size: 5, clip: 0, least: 0.3 },
  ])("has a student of its own for each class ($name, batches of $size)", async (given) => {
    const { lesson: shown, size, clip, least } = given;
    const { learner, teacher, student } = await start(0.3, clip, shown.outputs);
    const h = thetaOf(teacher);
    const mirror = textbook(0.3, clip, [h, thetaOf(student)], shown.outputs);
    for (const batch of batches(shown.examples, size)) {
      learner.observe(batch);
      mirror.learn(batch);
    }
    const queries = shown.queries.flat();
    const expected = queries.map(({ x, outputs }) => mirror.answer(x, outputs ?? range(shown.outputs)));
    expect([...learner.predict(queries)]).toEqual(expected);
    const right = shown.answers.flat().filter((answer, i) => answer === expected[i]).length;
    expect(right / queries.length).toBeGreaterThan(least);
    for (const y of range(shown.outputs)) {
      const one = shown.examples.filter((example) => example.y === y).slice(0, 1);
      learner.observe(one);
      mirror.learn(one);
      expect(distance(student.theta.toArray(), mirror.students.get(y) ?? [])).toBeLessThan(2e-5);
    }
    expect(thetaOf(teacher)).toEqual(h);
  });

  it("does not forget: a class's student learns from its own examples only", async () => {
    const [mixed, sorted] = [await start(0.3), await start(0.3)];
    for (const example of classIl.examples) mixed.learner.observe([example]);
    for (const example of classIl.examples.toSorted((a, b) => a.y - b.y)) sorted.learner.observe([example]);
    const queries = classIl.queries.flat();
    expect(mixed.learner.predict(queries)).toEqual(sorted.learner.predict(queries));
  });

  it("answers among the classes that have come, and among a query's outputs in any case", async () => {
    const { learner } = await start(0.3);
    const [query] = classIl.queries[0];
    expect([...learner.predict([query, { ...query, outputs: [2, 3] }])]).toEqual([0, 2]);
    for (const example of classIl.tasks[0]) learner.observe([example]);
    expect(new Set(learner.predict(classIl.queries.flat()))).toEqual(new Set([1, 3]));
    expect([
      ...learner.predict([
        { ...query, outputs: [0, 3] },
        { ...query, outputs: [0, 2] },
      ]),
    ]).toEqual([3, 0]);
  });
});
