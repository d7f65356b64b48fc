import pc from "picocolors";

/** Colours for what goes to standard output, and to standard error. */
export const out = colorsOf(process.stdout);
export const err = colorsOf(process.stderr);

/** None where the stream is no terminal, unless FORCE_COLOR asks for them; NO_COLOR takes them away. */
function colorsOf(stream: NodeJS.WriteStream) {
  const { NO_COLOR, FORCE_COLOR = "0", TERM } = process.env;
  const forced = FORCE_COLOR !== "0" && FORCE_COLOR !== "";
  const terminal = stream.isTTY === true && TERM !== "dumb"; // its type says true, but elsewhere it is absent
  return pc.createColors(!NO_COLOR && (forced || terminal));
}
