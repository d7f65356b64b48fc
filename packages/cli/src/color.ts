import { isatty } from "node:tty";
import pc from "picocolors";

/** Colours for what goes to standard output, and to standard error. */
export const out = colorsOf(1);
export const err = colorsOf(2);

/** Colours for a stream: none if it is no terminal, unless FORCE_COLOR asks for them; NO_COLOR turns them off. */
function colorsOf(stream: number) {
  const { NO_COLOR, FORCE_COLOR = "0", TERM } = process.env;
  const forced = FORCE_COLOR !== "0" && FORCE_COLOR !== "";
  return pc.createColors(!NO_COLOR && (forced || (isatty(stream) && TERM !== "dumb")));
}
