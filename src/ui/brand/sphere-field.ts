/**
 * The mark: a Gaussian random field on the sphere in Mollweide projection. Pure and deterministic; scripts/make-brand.mjs
 * writes it to public/. Few multipoles, so that it still reads at 24 px.
 */
import { planckColour } from './planck-colours.ts';
import { seededNormal } from './random-field.ts';

const L_MAX = 9;
const SEED = 2018;

type Coefficients = readonly { l: number; m: number; cos: number; sin: number }[];

function coefficients(seed: number): Coefficients {
  const normal = seededNormal(seed);
  const all: { l: number; m: number; cos: number; sin: number }[] = [];
  for (let l = 2; l <= L_MAX; l++) {
    const amplitude = 1 / Math.sqrt(l * (l + 1)) / (2 * l + 1) ** 0.25;
    for (let m = 0; m <= l; m++) all.push({ l, m, cos: normal() * amplitude, sin: m === 0 ? 0 : normal() * amplitude });
  }
  return all;
}

/** Normalised associated Legendre values at x, index l * (L_MAX + 1) + m (recurrence, no Condon–Shortley phase). */
function legendre(x: number): Float64Array {
  const size = L_MAX + 1;
  const p = new Float64Array(size * size);
  const root = Math.sqrt(Math.max(0, 1 - x * x));
  let diagonal = Math.sqrt(1 / (4 * Math.PI));
  for (let m = 0; m <= L_MAX; m++) {
    if (m > 0) diagonal *= root * Math.sqrt((2 * m + 1) / (2 * m));
    p[m * size + m] = diagonal;
    for (let l = m + 1; l <= L_MAX; l++) {
      const a = Math.sqrt((4 * l * l - 1) / (l * l - m * m));
      const b = l > m + 1 ? Math.sqrt(((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1)) : 0;
      p[l * size + m] = a * (x * (p[(l - 1) * size + m] ?? 0) - b * (l > m + 1 ? (p[(l - 2) * size + m] ?? 0) : 0));
    }
  }
  return p;
}

/** RGBA bytes of the mark, twice as wide as high, transparent outside of the ellipse with a smooth edge. */
export function drawMark(width: number): Uint8ClampedArray {
  const height = width / 2;
  const waves = coefficients(SEED);
  const values = new Float64Array(width * height);
  let sum = 0;
  let count = 0;
  for (let row = 0; row < height; row++) {
    const y = 1 - (2 * (row + 0.5)) / height;
    const theta = Math.asin(Math.min(1, Math.max(-1, y)));
    const p = legendre((2 * theta + Math.sin(2 * theta)) / Math.PI);
    for (let column = 0; column < width; column++) {
      const x = (2 * (column + 0.5)) / width - 1;
      const edge = Math.cos(theta);
      // Just outside of the ellipse the field goes on: the edge pixels are blended, not black.
      const longitude = Math.PI * Math.min(1, Math.max(-1, x / Math.max(edge, 1e-6)));
      let value = 0;
      for (const { l, m, cos, sin } of waves) {
        const norm = p[l * (L_MAX + 1) + m] ?? 0;
        value += norm * (m === 0 ? cos : Math.SQRT2 * (cos * Math.cos(m * longitude) + sin * Math.sin(m * longitude)));
      }
      values[row * width + column] = value;
      if (x * x + y * y <= 1) {
        sum += value * value;
        count++;
      }
    }
  }
  const sigma = Math.sqrt(sum / count);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const x = (2 * (column + 0.5)) / width - 1;
      const y = 1 - (2 * (row + 0.5)) / height;
      const radius = Math.hypot(x, y);
      // Distance to the edge in pixels, along the radius.
      const inside = (1 - radius) * Math.hypot((x * width) / 2, (y * height) / 2) * (1 / Math.max(radius, 1e-6));
      pixels.set(planckColour(0.5 + (values[at] ?? 0) / sigma / 4.4), at * 4);
      pixels[at * 4 + 3] = 255 * Math.min(1, Math.max(0, inside + 0.5));
    }
  }
  return pixels;
}
