/**
 * Gaussian random fields on a periodic grid, drawn from a power spectrum in Fourier space: what the microwave sky looks like in
 * a small flat patch. Pure and deterministic by seed. Used by the sign-in page; the mark has its own field on the sphere.
 */

/** mulberry32: uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal deviates (Box–Muller). */
export function seededNormal(seed: number): () => number {
  const uniform = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * Shape of the temperature spectrum C_l: the plateau, three acoustic peaks near l = 220, 540 and 810, and Silk damping.
 * Arbitrary units.
 */
export function temperaturePower(l: number): number {
  if (l < 2) return 0;
  const peak = (at: number, width: number, height: number) => height * Math.exp(-(((l - at) / width) ** 2));
  const band = 1000 + peak(220, 105, 4700) + peak(540, 95, 1900) + peak(810, 110, 1900);
  return (band * Math.exp(-((l / 1350) ** 2))) / (l * (l + 1));
}

interface FieldOptions {
  /** Powers of two. */
  width: number;
  height: number;
  /** Degrees of sky across the width. */
  degrees: number;
  seed: number;
}

/** A field of mean 0 and variance 1, row by row. O(n log n): 256 × 128 takes a few milliseconds. */
export function randomField({ width, height, degrees, seed }: FieldOptions): Float32Array {
  const normal = seededNormal(seed);
  const real = new Float64Array(width * height);
  const imaginary = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const kx = x <= width / 2 ? x : x - width;
      const ky = (y <= height / 2 ? y : y - height) * (width / height);
      const amplitude = Math.sqrt(temperaturePower(Math.hypot(kx, ky) * (360 / degrees)));
      real[y * width + x] = normal() * amplitude;
      imaginary[y * width + x] = normal() * amplitude;
    }
  }
  // The real part of the transform of unconstrained complex amplitudes is a real Gaussian field of the same spectrum.
  const line = (start: number, stride: number, length: number) => transform(real, imaginary, { start, stride, length });
  for (let y = 0; y < height; y++) line(y * width, 1, width);
  for (let x = 0; x < width; x++) line(x, width, height);

  let sum = 0;
  for (const value of real) sum += value * value;
  const scale = 1 / Math.sqrt(sum / real.length || 1);
  return Float32Array.from(real, (value) => value * scale);
}

interface Line {
  start: number;
  stride: number;
  /** A power of two. */
  length: number;
}

/** In-place radix-2 Fourier transform of one row or column (Cooley–Tukey). */
function transform(real: Float64Array, imaginary: Float64Array, { start, stride, length }: Line): void {
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  const bits = Math.log2(length);
  for (let i = 0; i < length; i++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    re[reversed] = real[start + i * stride] ?? 0;
    im[reversed] = imaginary[start + i * stride] ?? 0;
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const cos = Math.cos((2 * Math.PI * k) / size);
      const sin = Math.sin((2 * Math.PI * k) / size);
      for (let from = k; from < length; from += size) {
        const a = from;
        const b = from + half;
        const br = re[b] ?? 0;
        const bi = im[b] ?? 0;
        const tr = br * cos - bi * sin;
        const ti = br * sin + bi * cos;
        const ar = re[a] ?? 0;
        const ai = im[a] ?? 0;
        re[b] = ar - tr;
        im[b] = ai - ti;
        re[a] = ar + tr;
        im[a] = ai + ti;
      }
    }
  }
  for (let i = 0; i < length; i++) {
    real[start + i * stride] = re[i] ?? 0;
    imaginary[start + i * stride] = im[i] ?? 0;
  }
}
