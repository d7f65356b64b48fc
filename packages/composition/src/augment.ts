import {
  type Augmentation,
  type Buffer,
  type Input,
  type Learner,
  type Query,
  type Size,
  unaugmented,
  type Views,
} from "@everlearn/contracts";

/** A run's augmentation: the views that its learner asks for, and those that it gets without asking. */
export interface Augmented {
  readonly views: Views;
  /** The buffer as a learner sees it: draws come as fresh views, all that it holds plain; it keeps originals. */
  buffer(buffer: Buffer): Buffer;
  /** The learner as the run sees it: it observes views, and is asked about queries as they are seen at test. */
  learner(learner: Learner): Learner;
}

/** Augments by these parts in turn; a run without any is left as it is. */
export function augment(parts: readonly Augmentation[], size: Pick<Size, "inputs">): Augmented {
  if (parts.length === 0) return { views: unaugmented, buffer: (buffer) => buffer, learner: (learner) => learner };
  const see = seeing(size);
  const atTest = parts.filter((part) => part.atTest);
  const isReal = parts.some(({ real }) => real);
  const originals = new WeakMap<Input, Input>(); // by view
  const pool: Input[] = []; // for queries, which are valid only during a call

  /** An array for a view of x: all that a learner sees is of one type. */
  const blank = (x: Input): Input =>
    isReal || x instanceof Float32Array ? new Float32Array(x.length) : new Uint8Array(x.length);

  function seen<Q extends Query>(example: Q, by: readonly Augmentation[]): Q {
    const original = originals.get(example.x) ?? example.x;
    const x = see(original, by, blank(original));
    originals.set(x, original);
    return { ...example, x };
  }

  const views: Views = {
    view: (example) => seen(example, parts),
    plain: (example) => seen(example, atTest),
    original(example) {
      const x = originals.get(example.x);
      return x ? { ...example, x } : example;
    },
  };

  return {
    views,
    buffer: (buffer) => ({
      get capacity() {
        return buffer.capacity;
      },
      get size() {
        return buffer.size;
      },
      add: (example) => buffer.add(views.original(example)),
      sample(count) {
        const drawn = new Map<object, ReturnType<Buffer["sample"]>[number]>(); // an example that is drawn twice comes back twice
        return buffer.sample(count).map((example) => {
          const view = drawn.get(example) ?? views.view(example);
          drawn.set(example, view);
          return view;
        });
      },
      all: () => buffer.all().map(views.plain),
      save: () => buffer.save(),
      load: (state) => buffer.load(state),
    }),
    learner: (learner) => ({
      observe: (batch) => learner.observe(batch.map(views.view)),
      ...(learner.endTask && { endTask: () => learner.endTask?.() }),
      predict(queries) {
        if (atTest.length === 0 && !isReal) return learner.predict(queries);
        return learner.predict(
          queries.map((query, i) => {
            const usable =
              pool[i]?.length === query.x.length && (isReal || pool[i].constructor === query.x.constructor);
            const into = usable ? pool[i] : (pool[i] = blank(query.x));
            return { ...query, x: see(query.x, atTest, into) };
          }),
        );
      },
      save: () => learner.save(),
      load: (state) => learner.load(state),
    }),
  };
}

/** Applies parts in turn, with arrays for what lies between them, so that no step makes any. */
function seeing({ inputs }: Pick<Size, "inputs">) {
  const between = [Uint8Array, Float32Array].map((type) => [new type(inputs), new type(inputs)]);

  /** One of the arrays in between, of x's type, that is not x. */
  function other(x: Input): Input {
    const [a, b] = between[x instanceof Uint8Array ? 0 : 1];
    return x === a ? b : a;
  }

  function real(x: Input, into: Input): Input {
    if (x instanceof Float32Array) into.set(x);
    else for (let i = 0; i < x.length; i++) into[i] = x[i] / 255;
    return into;
  }

  return (x: Input, parts: readonly Augmentation[], into: Input): Input => {
    let from = x;
    parts.forEach((part, i) => {
      if (part.real && from instanceof Uint8Array) from = real(from, between[1][0]);
      const isLast = i === parts.length - 1 && from.constructor === into.constructor;
      const to = isLast ? into : other(from);
      part.apply(from, to);
      from = to;
    });
    if (from === into) return into;
    if (from.constructor === into.constructor) into.set(from);
    else real(from, into);
    return into;
  };
}
