/** Numbers as colours: robust limits, and a scale that is even to the eye and safe for colour-blind people. Pure. */

/** Ten stops of the viridis scale (Smith & van der Walt 2015), as 0xrrggbb. */
const STOPS = [0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725];

/** 0..1 → red, green, blue 0..255. */
export function colourOf(position: number): [number, number, number] {
  const at = Math.max(0, Math.min(1, position)) * (STOPS.length - 1);
  const low = STOPS[Math.floor(at)] ?? 0;
  const high = STOPS[Math.min(STOPS.length - 1, Math.floor(at) + 1)] ?? low;
  const mix = (shift: number) => {
    const from = (low >> shift) & 255;
    return Math.round(from + (((high >> shift) & 255) - from) * (at % 1));
  };
  return [mix(16), mix(8), mix(0)];
}

export const colourBar = `linear-gradient(to right, ${STOPS.map((stop) => `#${stop.toString(16).padStart(6, '0')}`).join(', ')})`;

/** Between which values to spread the colours: a hundredth of the finite values lies outside on each side. null: there are none. */
export function limitsOf(values: Float64Array): { low: number; high: number } | null {
  const step = Math.max(1, Math.floor(values.length / 200_000));
  const sample: number[] = [];
  for (let i = 0; i < values.length; i += step) {
    const value = values[i];
    if (value !== undefined && Number.isFinite(value)) sample.push(value);
  }
  if (sample.length === 0) return null;
  sample.sort((a, b) => a - b);
  const at = (part: number) => sample[Math.round(part * (sample.length - 1))] ?? 0;
  return { low: at(0.01), high: at(0.99) };
}

/** Red, green, blue, alpha; what is not a number is transparent. */
export function paint(
  values: Float64Array,
  { low, high }: { low: number; high: number },
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  const span = high - low || 1;
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const [red, green, blue] = colourOf((value - low) / span);
    pixels[4 * i] = red;
    pixels[4 * i + 1] = green;
    pixels[4 * i + 2] = blue;
    pixels[4 * i + 3] = 255;
  });
  return pixels;
}
