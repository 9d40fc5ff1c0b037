/**
 * Amounts as Kubernetes spells them: `512Mi`, `0.5`, `1e3`, `500m`. Read in every spelling that the API server takes, printed in
 * the one that it answers with, so that what was sent and what came back can be compared as text.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

/** Billionths of one: the finest step the API server knows. */
const NANO = 1_000_000_000n;
/** Larger ones are capped by the API server too. */
const MAX = (2n ** 63n - 1n) * NANO;
/** Longer texts are no amounts; refused before any of it is multiplied. */
const MAX_LENGTH = 64;

const SHAPE = /^([+-]?)(\d+\.?\d*|\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,6})?$/;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: readonly string[] = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Digits beyond it decide nothing: the amount is capped, or rounded up to one billionth. */
const FAR = 100;

/**
 * The amount in billionths, rounded up (away from zero), at most 2⁶³ − 1 whole ones as in the API server. A number is read as JSON
 * writes it. null = no quantity.
 */
export function parseQuantity(given: string | number): bigint | null {
  const text = String(given);
  const [, sign = '', digits = '', suffix = ''] = (text.length <= MAX_LENGTH ? SHAPE.exec(text) : null) ?? [];
  if (digits === '') return null;
  const [whole = '', fraction = ''] = digits.split('.');
  const significand = BigInt(whole + fraction);
  const binary = BINARY.indexOf(suffix);
  const exponent = 9 - fraction.length + (binary >= 0 ? 0 : decimalExponent(suffix));
  const scaled = binary >= 0 ? significand * 1024n ** BigInt(binary + 1) : significand;
  const amount = shift(scaled, Math.max(-FAR, Math.min(FAR, exponent)));
  const capped = amount > MAX ? MAX : amount;
  return sign === '-' ? -capped : capped;
}

function decimalExponent(suffix: string): number {
  return suffix === '' ? 0 : (DECIMAL[suffix] ?? Number(suffix.slice(1)));
}

/** value × 10^exponent, rounded up. */
function shift(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent));
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** CPU in thousandths of a core, rounded up; null = no quantity, or a negative one. */
export function parseCpuMillicores(given: string | number): number | null {
  const amount = parseQuantity(given);
  return amount === null || amount < 0n ? null : Number(divideUp(amount, NANO / 1000n));
}

/** Memory or disk in bytes, rounded up; null = no quantity, or a negative one. Exact up to 2⁵³. */
export function parseBytes(given: string | number): number | null {
  const amount = parseQuantity(given);
  return amount === null || amount < 0n ? null : Number(divideUp(amount, NANO));
}

/** `printCpu(500) → "500m"`, `printCpu(2000) → "2"`. Whole thousandths of a core. */
export function printCpu(millicores: number): string {
  return millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;
}

/** `printBytes(512 MiB) → "512Mi"`: the largest unit that needs no fraction. Whole bytes. */
export function printBytes(bytes: number): string {
  let amount = BigInt(bytes);
  let unit = '';
  for (const next of BINARY) {
    if (amount === 0n || amount % 1024n !== 0n) break;
    amount /= 1024n;
    unit = next;
  }
  return `${amount}${unit}`;
}

/** `printMiB(1024) → "1Gi"`. */
export function printMiB(mebibytes: number): string {
  return printBytes(mebibytes * 1024 ** 2);
}
