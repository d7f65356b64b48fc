import type { Need, OptionsSchema, Plugin, Query } from "@everlearn/contracts";
import type { AnyPlugin, Check, Finding } from "./check.js";
import { copy, difference } from "./difference.js";
import { accuracy, type LearnerSetup, type LearnerTrial, learnerTrial, type Session } from "./learner-trial.js";
import { allQueries, type Lesson } from "./lesson.js";
import { rehearsalChecks } from "./rehearsal.js";
import { judge } from "./report.js";
import { watch } from "./watch.js";

/** Where what a session learnt differs from what another did. */
const apart = (session: Session, other: Session): Finding => difference(session.learnt(), other.learnt());

/** A network whose θ left the finite numbers. */
function unfinite(session: Session): Finding {
  const found = Object.entries(session.thetas()).find(([, theta]) => theta.some((value) => !Number.isFinite(value)));
  return found && `${found[0]} is not finite`;
}

/** A session that has learnt its whole lesson undisturbed. */
async function taught({ start }: LearnerTrial, lesson?: Lesson): Promise<Session> {
  const session = await start(lesson);
  session.learn();
  return session;
}

/** What is wrong with answers to queries. */
function amiss(answers: Uint16Array, queries: readonly Query[], outputs: number): string | undefined {
  if (!(answers instanceof Uint16Array)) return "predict did not answer a Uint16Array";
  if (answers.length !== queries.length) return `it answered ${answers.length} for ${queries.length} queries`;
  const stray = answers.findIndex((answer, i) => answer >= outputs || queries[i].outputs?.includes(answer) === false);
  if (stray < 0) return undefined;
  return `it answered ${answers[stray]} where ${queries[stray].outputs?.join(", ") ?? `0 to ${outputs - 1}`} could be chosen`;
}

/** What is wrong with its answers to all of its lesson's queries. */
function wrongAnswers({ learner, lesson }: Session): Finding {
  const queries = allQueries(lesson);
  return amiss(learner.predict(queries), queries, lesson.scenario.outputs);
}

/** How the first experience taught it too little. */
async function badlyLearnt({ start }: LearnerTrial, lesson?: Lesson): Promise<Finding> {
  const session = await start(lesson);
  const { steps, task } = session.lesson.first;
  session.learn(0, steps);
  const chance = 1 / new Set(session.lesson.tests[task].answers).size;
  const reached = accuracy(session, task);
  return reached >= (1 + chance) / 2
    ? undefined
    : `its accuracy on the first task was ${reached.toFixed(2)} where chance is ${chance.toFixed(2)}`;
}

/** What every learner must do. */
export const learnerChecks: readonly Check<LearnerTrial>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock but what it is handed",
    async run({ start }) {
      const used = await watch(async () => {
        const session = await start();
        session.learn();
        session.learner.predict(allQueries(session.lesson));
        session.learner.save();
      });
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ start, lesson, judged }) {
      const options = judged.options();
      const session = await start(lesson(), options);
      session.learn();
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "inputs unchanged",
    must: "leave examples, queries and the arrays in which they come as they are",
    async run(trial) {
      const lesson = trial.lesson();
      const before = copy({ steps: lesson.steps, tests: lesson.tests });
      const session = await taught(trial, lesson);
      for (const { queries } of lesson.tests) session.learner.predict(queries);
      return difference({ steps: lesson.steps, tests: lesson.tests }, before);
    },
  },
  ...rehearsalChecks<LearnerTrial>(({ start }) => start()),
  {
    name: "answers",
    must: "answer each query with one of the outputs, and no queries with nothing",
    async run(trial) {
      const session = await taught(trial);
      return wrongAnswers(session) ?? amiss(session.learner.predict([]), [], session.lesson.scenario.outputs);
    },
  },
  {
    name: "masked answers",
    must: "choose among a query's outputs where these are given",
    async run(trial) {
      return wrongAnswers(await taught(trial, trial.lesson({ granted: "always" })));
    },
  },
  {
    name: "unlabelled",
    must: "learn and answer without the task labels that it does not say it needs, in training or at test",
    async run(trial) {
      const session = await taught(trial);
      return unfinite(session) ?? wrongAnswers(session);
    },
  },
  {
    name: "batched queries",
    must: "answer a query alike in whatever batch and order it comes",
    async run(trial) {
      const { learner, lesson } = await taught(trial);
      const queries = allQueries(lesson);
      const expected = learner.predict(queries);
      for (const size of [1, 7, 64]) {
        const answers = queries.map(() => -1);
        const order = queries.map((_, i) => (i * 61 + 17) % queries.length);
        const places = new Set(order).size === queries.length ? order : queries.map((_, i) => queries.length - 1 - i);
        for (let i = 0; i < places.length; i += size) {
          const batch = places.slice(i, i + size);
          learner.predict(batch.map((at) => queries[at])).forEach((answer, j) => {
            answers[batch[j]] = answer;
          });
        }
        const found = difference(answers, [...expected], "answer");
        if (found) return `reordered in batches of ${size}, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "predict learns nothing",
    must: "learn the same whether it is asked or not",
    async run(trial) {
      const [session, undisturbed] = [await trial.start(), await taught(trial)];
      const queries = allQueries(session.lesson);
      for (const step of session.lesson.steps) {
        session.meet(step);
        const before = copy(session.thetas());
        session.learner.predict(queries.slice(0, 8));
        const found = difference(session.thetas(), before);
        if (found) return `predict changed it: ${found}`;
      }
      const same = (one: Session) => one.learner.predict(queries);
      const found = apart(session, undisturbed) ?? difference(same(session), same(undisturbed), "answer");
      return found && `asked after every step, ${found}`;
    },
  },
  {
    name: "reused inputs",
    must: "keep no query, for the caller uses its input again",
    async run(trial) {
      const [session, undisturbed] = [await trial.start(), await taught(trial)];
      const queries = allQueries(session.lesson);
      const x = queries[0].x.slice();
      session.lesson.steps.forEach((step, i) => {
        x.set(queries[i % queries.length].x);
        session.learner.predict([{ ...queries[i % queries.length], x }]);
        x.fill(i % 2 === 0 ? 0 : 1);
        session.meet(step);
      });
      const same = (one: Session) => one.learner.predict(queries);
      return apart(session, undisturbed) ?? difference(same(session), same(undisturbed), "answer");
    },
  },
  {
    name: "batches",
    must: "learn from examples that come several at a time",
    async run(trial) {
      const session = await taught(trial, trial.lesson({ batch: 5 }));
      return unfinite(session) ?? wrongAnswers(session);
    },
  },
  {
    name: "learning",
    must: "learn a task of separable classes much better than chance",
    run: (trial) => badlyLearnt(trial),
  },
  {
    name: "unbounded",
    must: "learn without being told where tasks end, unless it says that it needs boundaries",
    run: (trial) =>
      trial.judged.needs.includes("boundaries") ? undefined : badlyLearnt(trial, trial.lesson({ ends: false })),
  },
];

/** The same check, after which no process that a learner has started is left. */
const disposing = (check: Check<LearnerTrial>): Check<LearnerTrial> => ({
  ...check,
  async run(trial) {
    try {
      return await check.run(trial);
    } finally {
      await trial.dispose();
    }
  },
});

/**
 * Tries a learner on two toy tasks.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkLearner<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"learner", S, N>,
  setup: LearnerSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"learner">;
  await judge("learner", erased, setup.options ?? {}, learnerChecks.map(disposing), async (judged) => {
    const trial = learnerTrial(judged, setup);
    return { subject: trial, part: (await trial.start()).learner };
  });
}
