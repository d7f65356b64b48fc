import type { Buffer } from "@everlearn/contracts";

/**
 * Checks that a buffer can hold as many examples as a learner is going to draw at a time.
 * @param option the one option that asks for the draws, under its name: `{ replay }`
 * @param draws their number; the option's value by default
 * @throws RangeError where the buffer can never hold as many
 */
export function assertDraws(
  { capacity }: Pick<Buffer, "capacity">,
  option: Readonly<Record<string, number>>,
  draws?: number,
): void {
  for (const [name, value] of Object.entries(option)) {
    const count = draws ?? value;
    if (count > capacity)
      throw new RangeError(
        `${name} = ${value} asks for ${count} draws, but the buffer holds at most ${capacity}; use ${name} ≤ ${capacity + value - count} or a larger buffer.`,
      );
  }
}
