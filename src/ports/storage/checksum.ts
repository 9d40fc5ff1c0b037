/**
 * CRC-32C (RFC 3720 §B.4) as the stores write it: base64 of four big-endian bytes. The wrapper runs it over every body; drivers
 * use it where a store wants the sum of a part or of the whole.
 */
import { crc32c } from '@node-rs/crc32';

export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Of everything so far. */
  value(): string;
}

export function runningCrc32c(): RunningChecksum {
  let state = 0;
  return {
    update(bytes) {
      state = crc32c(bytes, state);
    },
    value: () => encode(state),
  };
}

export function crc32cOf(bytes: Uint8Array): string {
  return encode(crc32c(bytes));
}

/** Whether the text has the shape of a checksum. */
export function isCrc32c(text: string): boolean {
  return /^[A-Za-z0-9+/]{5}[AQgw]==$/.test(text);
}

function encode(sum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum >>> 0);
  return bytes.toString('base64');
}

function decode(text: string): number {
  return Buffer.from(text, 'base64').readUInt32BE();
}

/** 32 columns of a matrix over GF(2): what happens to each bit of a sum. */
type Matrix = number[];

const POLYNOMIAL = 0x82f63b78;

function times(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let i = 0; i < 32; i += 1) if ((vector >>> i) & 1) sum ^= matrix[i] ?? 0;
  return sum >>> 0;
}

function squared(matrix: Matrix): Matrix {
  return matrix.map((column) => times(matrix, column));
}

/** What one zero byte behind the content does to its sum. */
const ZERO_BYTE: Matrix = (() => {
  const zeroBit = [POLYNOMIAL, ...Array.from({ length: 31 }, (_, i) => 2 ** i)];
  return squared(squared(squared(zeroBit)));
})();

/**
 * The sum of two contents behind one another, out of their sums: so a file that came in parts needs no second reading. A sum is
 * linear, so the first one is carried on over as many zero bytes as the second content is long, by repeated squaring.
 */
export function combineCrc32c(first: string, second: string, secondSizeBytes: number): string {
  let sum = decode(first);
  let matrix = ZERO_BYTE;
  for (let left = secondSizeBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) sum = times(matrix, sum);
    matrix = squared(matrix);
  }
  return encode(sum ^ decode(second));
}
