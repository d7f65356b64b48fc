/** The side of the square image, in pixels. */
export const side = 28;

/** A pen: its colour in [0, 255] and how many pixels its edge takes to fade. */
export interface Pen {
  readonly ink: number;
  readonly fade: number;
}

/**
 * Draws a straight line into a `side` × `side` image of bytes with round ends; `radius`, as all lengths, is in pixels.
 * Where lines overlap, the lighter one shows, so that joints leave no seams.
 */
export function line(
  image: Uint8Array,
  { ink, fade }: Pen,
  radius: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  const reach = radius + fade / 2;
  const inside = radius > fade / 2 ? (radius - fade / 2) * (radius - fade / 2) : 0;
  const outside = reach * reach;
  // Pixel (column, row) has its centre at (column + ½, row + ½).
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach + 0.5));
  const right = Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach - 0.5));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach + 0.5));
  const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach - 0.5));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = dx * dx + dy * dy;
  const perLength2 = length2 > 0 ? 1 / length2 : 0;
  for (let row = top; row <= bottom; row++) {
    const py = row + 0.5 - y0;
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0;
      let t = (px * dx + py * dy) * perLength2;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const ex = px - t * dx;
      const ey = py - t * dy;
      const distance2 = ex * ex + ey * ey;
      if (distance2 >= outside) continue;
      const cover = distance2 <= inside ? 1 : (reach - Math.sqrt(distance2)) / fade;
      const value = (ink * (cover < 1 ? cover : 1) + 0.5) | 0;
      const at = row * side + column;
      if (value > image[at]) image[at] = value;
    }
  }
}
