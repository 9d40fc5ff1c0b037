/** The colour scale of the product: deep blue through parchment to orange-red, after the maps of the Planck satellite. Pure. */
export type Rgb = readonly [red: number, green: number, blue: number];

const STOPS: readonly (readonly [at: number, colour: Rgb])[] = [
  [0, [10, 26, 92]],
  [0.18, [24, 70, 178]],
  [0.36, [98, 158, 222]],
  [0.5, [244, 233, 211]],
  [0.64, [243, 178, 104]],
  [0.82, [222, 88, 34]],
  [1, [116, 18, 8]],
];

/** @param value 0..1; outside is clamped */
export function planckColour(value: number): Rgb {
  const v = Math.min(1, Math.max(0, value));
  for (let i = 1; i < STOPS.length; i++) {
    const [to, high] = STOPS[i] ?? [1, [0, 0, 0]];
    const [from, low] = STOPS[i - 1] ?? [0, [0, 0, 0]];
    if (v <= to) {
      const part = (v - from) / (to - from);
      return [mix(low[0], high[0], part), mix(low[1], high[1], part), mix(low[2], high[2], part)];
    }
  }
  return [116, 18, 8];
}

function mix(a: number, b: number, part: number): number {
  return Math.round(a + (b - a) * part);
}

/** The scale in `steps` colours as bytes r, g, b: a lookup table for images. */
export function planckTable(steps: number): Uint8Array {
  const table = new Uint8Array(steps * 3);
  for (let i = 0; i < steps; i++) table.set(planckColour(i / (steps - 1)), i * 3);
  return table;
}
