/** π/2 = HIGH + LOW: HIGH has 33 significant bits, so that its small multiples are exact. */
const HIGH = 1.5707963267341256;
const LOW = 6.077100506506192e-11;

/**
 * The cosine and sine of an angle in radians, 0 to 7, to one unit in the last place. Made of + − × ÷ only: the
 * platform's own functions may differ between engines, and with them the pixels of a run.
 */
export function cosineAndSine(angle: number): [cosine: number, sine: number] {
  const quarters = Math.round(angle / (HIGH + LOW));
  const high = angle - quarters * HIGH;
  const x = high - quarters * LOW; // in [−π/4, π/4]
  const rest = high - x - quarters * LOW; // what rounding took from x
  const square = x * x;
  // Nested Taylor series: 1 − x²/(1·2)·(1 − x²/(3·4)·(…)) and 1 − x²/(2·3)·(1 − x²/(4·5)·(…)).
  let c = 1;
  let s = 1;
  for (let n = 18; n > 2; n -= 2) {
    c = 1 - (square / (n * (n - 1))) * c;
    s = 1 - (square / (n * (n + 1))) * s;
  }
  const cosine = 1 - (square * 0.5 * c + x * rest);
  const sine = x - ((x * square * s) / 6 - rest);
  const turned: [number, number][] = [
    [cosine, sine],
    [-sine, cosine],
    [-cosine, -sine],
    [sine, -cosine],
  ];
  return turned[quarters % 4];
}

/** To 15 decimals, so that a right angle's cosine is exactly 0. */
const rounded = (value: number): number => Number(value.toFixed(15));

/** In units of 1/65536. */
const fixed = (value: number): number => Math.floor(value * 65536 + 0.5);

/**
 * Where each pixel of a turned image comes from: counter-clockwise about the image's centre, nearest neighbour, the
 * same arithmetic as `Image.rotate(angle)` of Pillow, whose shortcuts for right angles give the same pixels.
 * @param angle in degrees, at least 0
 * @returns height × width places in the image, row by row; −1 where the pixel comes from outside of it.
 */
export function rotation(height: number, width: number, angle: number): Int32Array {
  const [cosine, sine] = cosineAndSine((angle % 360) * (Math.PI / 180)).map(rounded);
  const [centreX, centreY] = [width / 2, height / 2];
  // Source of the destination's point (x, y): (cosine·x − sine·y + shiftX, sine·x + cosine·y + shiftY).
  const shiftX = cosine * -centreX - sine * -centreY + centreX;
  const shiftY = sine * -centreX + cosine * -centreY + centreY;
  const [stepCosine, stepSine] = [fixed(cosine), fixed(sine)];
  const stepBack = fixed(-sine);
  // From pixel centre to pixel centre.
  const startX = fixed(shiftX + cosine * 0.5 - sine * 0.5);
  const startY = fixed(shiftY + sine * 0.5 + cosine * 0.5);
  const sources = new Int32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = Math.floor((startX + column * stepCosine + row * stepBack) / 65536);
      const y = Math.floor((startY + column * stepSine + row * stepCosine) / 65536);
      const inside = x >= 0 && x < width && y >= 0 && y < height;
      sources[row * width + column] = inside ? y * width + x : -1;
    }
  }
  return sources;
}
