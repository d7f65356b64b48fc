/** What moves a terminal's cursor, changes its colours or turns its writing direction, and halves of surrogate pairs. */
const unprintable = /[^\P{C}\n\u00ad]|[\u2028\u2029]/gu;

/**
 * A text that a terminal shows as it is: what would move its cursor, change its colours or turn its writing direction is
 * spelled as an escape, such as \u001b. Line breaks stay.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (one) => {
    const code = (one.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}
