import { type Attributes, type Element, el, type Markup } from "./markup.js";
import type { Scale } from "./scale.js";

/** A coordinate with one decimal, which keeps pages small. */
export function round(value: number): number {
  return Math.round(10 * value) / 10;
}

/** A picture that grows with its column; `label` is what a screen reader says instead of it. */
export function picture(
  [width, height]: readonly [number, number],
  label: string,
  attributes: Attributes,
  ...children: readonly Markup[]
): Element {
  return el(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label, ...attributes },
    ...children,
  );
}

export interface Axis {
  readonly scale: Scale;
  readonly title: string;
  readonly text: (value: number) => string;
}

/** The rectangle that a chart's values are drawn in. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Grid lines, what they stand for, and the axes' titles. */
export function frame({ left, top, right, bottom }: Box, x: Axis, y: Axis): Element {
  const across = thinned(x.scale.ticks, 8);
  return el(
    "g",
    { class: "frame" },
    ...y.scale.ticks.flatMap((tick) => {
      const at = round(y.scale.at(tick));
      return [
        el("path", { class: "grid", d: `M${left} ${at}H${right}` }),
        el("text", { x: left - 8, y: round(at + 4), "text-anchor": "end" }, y.text(tick)),
      ];
    }),
    ...across.flatMap((tick) => {
      const at = round(x.scale.at(tick));
      return [
        el("path", { class: "tick", d: `M${at} ${bottom}v4` }),
        el("text", { x: at, y: bottom + 18, "text-anchor": "middle" }, x.text(tick)),
      ];
    }),
    el("path", { class: "base", d: `M${left} ${bottom}H${right}` }),
    el("text", { class: "title", x: left - 8, y: top - 12, "text-anchor": "start", dx: 8 - left + 4 }, y.title),
    el("text", { class: "title", x: right, y: bottom + 36, "text-anchor": "end" }, x.title),
  );
}

/** Every k-th, so that at most `most` are left. */
function thinned<T>(values: readonly T[], most: number): readonly T[] {
  const step = Math.ceil(values.length / most);
  return step <= 1 ? values : values.filter((_, i) => i % step === 0);
}
