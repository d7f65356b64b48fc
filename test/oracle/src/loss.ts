import type { Term } from "@everlearn/contracts";

/** softmax(z / temperature) among some outputs, 0 for the others. */
export function softmax(z: readonly number[], outputs?: readonly number[], temperature = 1): number[] {
  const powers = z.map((value, o) => (outputs?.includes(o) === false ? 0 : Math.exp(value / temperature)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** The loss of a term whose input has the logits z, its weight left out, and the loss's derivative by each of them. */
export function termLoss(term: Term, z: readonly number[]): { loss: number; delta: number[] } {
  const isOwn = (o: number) => term.outputs?.includes(o) !== false;
  /** The sum of the outputs' own losses. */
  const each = (of: (value: number, o: number) => { loss: number; slope: number }) => {
    const own = z.map((value, o) => (isOwn(o) ? of(value, o) : { loss: 0, slope: 0 }));
    return { loss: own.reduce((sum, { loss }) => sum + loss, 0), delta: own.map(({ slope }) => slope) };
  };
  if ("logits" in term) {
    const n = z.filter((_, o) => isOwn(o)).length;
    return each((value, o) => {
      const apart = value - term.logits[o];
      return { loss: apart ** 2 / n, slope: (2 * apart) / n };
    });
  }
  if ("sigmoids" in term)
    return each((value, o) => {
      const [p, q] = [term.sigmoids[o], sigmoid(value)];
      return { loss: -p * Math.log(q) - (1 - p) * Math.log(1 - q), slope: q - p };
    });
  const temperature = "y" in term ? 1 : (term.temperature ?? 1);
  const p = z.map((_, o) => ("y" in term ? Number(o === term.y) : isOwn(o) ? term.probabilities[o] : 0));
  const total = p.reduce((a, b) => a + b);
  const q = softmax(z, term.outputs, temperature);
  return each((_, o) => ({ loss: -p[o] * Math.log(q[o]), slope: (total * q[o] - p[o]) / temperature }));
}
