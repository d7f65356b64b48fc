import type { State } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { behaviour, copy, difference } from "./difference.js";
import type { Check } from "./check.js";

/** A part at work with everything that it was handed: a row of steps that can be repeated. */
export interface Rehearsal {
  readonly steps: number;
  /** Does step `i` and answers what can be seen of it. */
  step(i: number): unknown;
  /** The states of the part and of all that it was handed. */
  save(): State;
  load(state: State): void;
}

function play(rehearsal: Rehearsal, from = 0, to = rehearsal.steps): unknown[] {
  const seen: unknown[] = [];
  for (let i = from; i < to; i++) seen.push(rehearsal.step(i));
  return seen;
}

/** The first step at which what was seen differs from what was expected; what was seen begins at step `from`. */
function parting(seen: readonly unknown[], expected: readonly unknown[], from = 0): string | undefined {
  for (let i = 0; i < seen.length; i++) {
    const found = difference(seen[i], expected[from + i]);
    if (found) return `step ${from + i + 1} of ${expected.length} came out otherwise (${found})`;
  }
  return undefined;
}

/** The steps after which a part is stopped: none, all but one, and three numbers drawn between. */
function points({ steps }: Rehearsal): number[] {
  const drawn = random(20, "points").permutation(steps - 1, Math.min(3, steps - 1));
  return [0, ...drawn, steps - 1];
}

/** Makes equal rehearsals of a subject, each with its own network, buffer and generators. */
type Start<S> = (subject: S) => Promise<Rehearsal>;

/** A rehearsal's state after `point` steps. */
async function stopped(rehearsal: Rehearsal, point: number): Promise<State> {
  play(rehearsal, 0, point);
  return rehearsal.save();
}

/** What every part with a state must do. */
export const rehearsalChecks = <S>(start: Start<S>): readonly Check<S>[] => [
  ...savingChecks(start),
  ...loadingChecks(start),
];

function savingChecks<S>(start: Start<S>): readonly Check<S>[] {
  return [
    {
      name: "same seed",
      must: "do the same with the same seed, whatever other instances do in between",
      async run(subject) {
        const alone = play(await start(subject));
        const [one, other] = [await start(subject), await start(subject)];
        const together: [unknown[], unknown[]] = [[], []];
        for (let i = 0; i < one.steps; i++) {
          together[0].push(one.step(i));
          together[1].push(other.step(i));
        }
        return parting(together[0], alone) ?? parting(together[1], alone);
      },
    },
    {
      name: "plain state",
      must: "save plain values and typed arrays only",
      async run(subject) {
        const rehearsal = await start(subject);
        const found = behaviour(await stopped(rehearsal, Math.floor(rehearsal.steps / 2)));
        return found && `in its state ${found}`;
      },
    },
    {
      name: "undisturbed by save",
      must: "go on after save as if nothing had been saved",
      async run(subject) {
        const expected = play(await start(subject));
        const rehearsal = await start(subject);
        const seen: unknown[] = [];
        for (let i = 0; i < rehearsal.steps; i++) {
          rehearsal.save();
          seen.push(rehearsal.step(i));
        }
        return parting(seen, expected);
      },
    },
    {
      name: "saved copy",
      must: "save a copy that does not change when it goes on",
      async run(subject) {
        for (const point of points(await start(subject))) {
          const going = await start(subject);
          const state = await stopped(going, point);
          const before = copy(state);
          play(going, point);
          const found = difference(state, before);
          if (found) return `after ${point} steps and more, in the saved state ${found}`;
        }
        return undefined;
      },
    },
  ];
}

function loadingChecks<S>(start: Start<S>): readonly Check<S>[] {
  return [
    {
      name: "resumption",
      must: "go on with the same bits in a fresh instance that loaded its state",
      async run(subject) {
        const undisturbed = await start(subject);
        const expected = play(undisturbed);
        for (const point of points(undisturbed)) {
          const fresh = await start(subject);
          fresh.load(copy(await stopped(await start(subject), point)));
          const found = parting(play(fresh, point), expected, point);
          if (found) return `saved after ${point} steps and loaded, ${found}`;
        }
        return undefined;
      },
    },
    {
      name: "loaded copy",
      must: "leave a state that it loaded unchanged when it goes on",
      async run(subject) {
        for (const point of points(await start(subject))) {
          const state = copy(await stopped(await start(subject), point));
          const before = copy(state);
          const fresh = await start(subject);
          fresh.load(state);
          play(fresh, point);
          const found = difference(state, before);
          if (found) return `loaded after ${point} steps and gone on, in the given state ${found}`;
        }
        return undefined;
      },
    },
    {
      name: "replacement",
      must: "forget by load all that it held before",
      async run(subject) {
        const { steps } = await start(subject);
        for (const point of [0, Math.floor(steps / 3)]) {
          const used = await start(subject);
          const expected = play(used);
          used.load(copy(await stopped(await start(subject), point)));
          const found = parting(play(used, point), expected, point);
          if (found) return `given its state after ${point} steps, ${found}`;
        }
        return undefined;
      },
    },
  ];
}
