/**
 * The whole sky on a page: HEALPix pixels (Górski et al. 2005, ApJ 622, 759) in a Mollweide projection. Pure.
 */
export type Ordering = 'RING' | 'NESTED';

/** Pixels of a map of this resolution; NSIDE is a power of two for NESTED maps and any positive integer for RING. */
export const pixelCount = (nside: number): number => 12 * nside * nside;

/** The value that HEALPix writes for "not observed". */
const UNSEEN = -1.6375e30;

/** @param z cosine of the colatitude, -1..1  @param phi longitude in radians */
export function pixelAt(nside: number, ordering: Ordering, z: number, phi: number): number {
  // tt: longitude in quarter turns, 0 ≤ tt < 4.
  const turns = phi / (2 * Math.PI);
  // A tiny negative angle rounds up to a whole turn.
  const tt = ((turns - Math.floor(turns)) % 1) * 4;
  return ordering === 'RING' ? ring(nside, z, tt) : nested(nside, z, tt);
}

function ring(nside: number, z: number, tt: number): number {
  const za = Math.abs(z);
  if (za <= 2 / 3) {
    const jp = Math.floor(nside * (0.5 + tt) - nside * z * 0.75);
    const jm = Math.floor(nside * (0.5 + tt) + nside * z * 0.75);
    const ir = nside + 1 + jp - jm;
    const shift = 1 - (ir & 1);
    const perRing = 4 * nside;
    const ip = (((jp + jm - nside + shift + 1) >> 1) + perRing) % perRing;
    return 2 * nside * (nside - 1) + (ir - 1) * perRing + ip;
  }
  const tp = tt - Math.floor(tt);
  const tmp = nside * Math.sqrt(3 * (1 - za));
  const jp = Math.floor(tp * tmp);
  const jm = Math.floor((1 - tp) * tmp);
  const ir = jp + jm + 1;
  const ip = Math.floor(tt * ir) % (4 * ir);
  return z > 0 ? 2 * ir * (ir - 1) + ip : pixelCount(nside) - 2 * ir * (ir + 1) + ip;
}

function nested(nside: number, z: number, tt: number): number {
  const za = Math.abs(z);
  let face: number;
  let ix: number;
  let iy: number;
  if (za <= 2 / 3) {
    const jp = Math.floor(nside * (0.5 + tt) - nside * z * 0.75);
    const jm = Math.floor(nside * (0.5 + tt) + nside * z * 0.75);
    const ifp = Math.floor(jp / nside);
    const ifm = Math.floor(jm / nside);
    face = ifp === ifm ? (ifp & 3) + 4 : ifp < ifm ? ifp & 3 : (ifm & 3) + 8;
    ix = jm % nside;
    iy = nside - (jp % nside) - 1;
  } else {
    const quarter = Math.min(3, Math.floor(tt));
    const tp = tt - quarter;
    const tmp = nside * Math.sqrt(3 * (1 - za));
    const jp = Math.min(Math.floor(tp * tmp), nside - 1);
    const jm = Math.min(Math.floor((1 - tp) * tmp), nside - 1);
    face = z > 0 ? quarter : quarter + 8;
    ix = z > 0 ? nside - jm - 1 : jp;
    iy = z > 0 ? nside - jp - 1 : jm;
  }
  return face * nside * nside + interleave(ix) + 2 * interleave(iy);
}

/** Puts a zero between the bits. Beyond 2^15 the result no longer fits 32 bits, so it is summed. */
function interleave(value: number): number {
  let result = 0;
  for (let bit = 0, weight = 1; value >> bit > 0; bit += 1, weight *= 4) if ((value >> bit) & 1) result += weight;
  return result;
}

/** A `width` × `width / 2` picture, top row first, longitude growing to the left, NaN outside the sky and where nothing was seen. */
export function mollweide(
  map: Float64Array,
  { nside, ordering, width }: { nside: number; ordering: Ordering; width: number },
): { width: number; height: number; values: Float64Array } {
  const height = width / 2;
  const values = new Float64Array(width * height).fill(Number.NaN);
  for (let row = 0; row < height; row += 1) {
    const y = 1 - (2 * (row + 0.5)) / height;
    const theta = Math.asin(y);
    const z = (2 * theta + Math.sin(2 * theta)) / Math.PI;
    const edge = Math.cos(theta);
    for (let column = 0; column < width; column += 1) {
      const x = 1 - (2 * (column + 0.5)) / width;
      if (Math.abs(x) > edge) continue;
      const value = map[pixelAt(nside, ordering, Math.max(-1, Math.min(1, z)), (Math.PI * x) / edge)];
      if (value !== undefined && Math.abs(value / UNSEEN - 1) > 1e-5) values[row * width + column] = value;
    }
  }
  return { width, height, values };
}
