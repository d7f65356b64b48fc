/** Letters that look like no others: Latin ones of European languages, without the dotless i and the long s. */
const latin = /^[A-Za-z\u00AA\u00BA\u00C0-\u0130\u0132-\u0137\u0139-\u017E]+$/u;
/** Scripts without look-alikes of Latin letters. */
const others =
  /^(?:\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|ー|\p{Script=Thai}|\p{Script=Devanagari}|\p{Script=Arabic}|\p{Script=Hebrew})+$/u;
/** A Greek letter by itself, as in "ER, α = 0.1". */
const greek = /^[αβγδεζηθκλμξπρστφχψω]$/u;
/** What is neither letter nor mark and always shown: printable ASCII and usual punctuation. */
const punctuation = /[\x20-\x7E\xA1-\xAC\xAE-\xB1\xB4\xB6-\xB7\xBB\xBF\xD7\xF7–—‘’“”…→∞≤≥≠∑√]/u;

/**
 * A text that cannot pass for another one: whatever is invisible, changes the direction of writing, or looks like a letter
 * of another alphabet is written as an escape, such as \u{430}.
 */
export function plainText(text: string): string {
  return text.replace(/[\p{L}\p{M}]+|[^\p{L}\p{M}]/gu, (piece) => {
    if (!/^[\p{L}\p{M}]/u.test(piece)) return /^[0-9]$/.test(piece) || punctuation.test(piece) ? piece : escaped(piece);
    const composed = piece.normalize("NFC");
    if (latin.test(composed) || others.test(composed) || greek.test(composed)) return composed;
    return Array.from(composed, (letter) => (/[A-Za-z]/.test(letter) ? letter : escaped(letter))).join("");
  });
}

function escaped(text: string): string {
  return Array.from(text, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`).join("");
}

/** What two texts that look alike have in common: without case, spaces and punctuation. */
export function skeleton(text: string): string {
  return (
    text
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[il|!]/g, "1")
      .replace(/o/g, "0")
      .replace(/[^a-z0-9]+/g, "") || text
  );
}
