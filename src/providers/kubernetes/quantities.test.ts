import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBytes, parseCpuMillicores, parseQuantity, printBytes, printCpu, printMiB } from './quantities.ts';

describe('CPU', () => {
  test.each<[string | number, number]>([
    ['500m', 500],
    ['0.5', 500],
    [0.5, 500],
    ['.5', 500],
    ['1', 1000],
    ['1.', 1000],
    [2, 2000],
    ['1e3', 1_000_000],
    ['1E3', 1_000_000],
    ['1e-3', 1],
    ['1e+1', 10_000],
    ['2k', 2_000_000],
    ['100u', 1],
    ['1n', 1],
    ['1500000n', 2],
    ['+1', 1000],
    ['0', 0],
    ['0.0001', 1],
    ['1Ki', 1_024_000],
  ])('%j is %d thousandths of a core', (text, millicores) => expect(parseCpuMillicores(text)).toBe(millicores));
});

describe('bytes', () => {
  test.each<[string | number, number]>([
    ['512Mi', 512 * 1024 ** 2],
    ['1Gi', 1024 ** 3],
    ['1.5Gi', 1.5 * 1024 ** 3],
    ['128974848', 128_974_848],
    ['129e6', 129_000_000],
    ['129M', 129_000_000],
    ['128974848000m', 128_974_848],
    ['123Mi', 123 * 1024 ** 2],
    ['1k', 1000],
    ['1E', 1e18],
    ['1m', 1],
    ['1e3', 1000],
    [1e21, 2 ** 63],
    ['0Mi', 0],
    ['1Ti', 1024 ** 4],
    ['1Pi', 1024 ** 5],
  ])('%j is %d', (text, bytes) => expect(parseBytes(text)).toBe(bytes));
});

test.each([
  '',
  ' ',
  '1 Gi',
  ' 1',
  '1\n',
  'Gi',
  '1gi',
  '1KI',
  '1K',
  '1e',
  '1ee3',
  '1e3Ki',
  '1e0.5',
  '1..2',
  '.',
  '-',
  '1,5',
  '1_000',
  '0x10',
  '１',
  'NaN',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  'Infinity',
  '9'.repeat(65),
  `1e${'9'.repeat(9)}`,
])('%j is no quantity', (text) => expect(parseQuantity(text)).toBeNull());

test('less than nothing is an amount, but none of CPU or memory', () => {
  expect(parseQuantity('-1m')).toBe(-1_000_000n);
  expect(parseCpuMillicores('-1')).toBeNull();
  expect(parseBytes('-1Mi')).toBeNull();
});

test('what is too large is the largest, what is too small is the smallest, and neither takes time', () => {
  expect(parseQuantity('1e999999')).toBe(parseQuantity('9223372036854775807'));
  expect(parseQuantity('9223372036854775808Ei')).toBe(parseQuantity('1e999999'));
  expect(parseQuantity('1e-999999')).toBe(1n);
  expect(parseQuantity('0e999999')).toBe(0n);
});

test('what is printed reads as what it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_024_000_000 }), (millicores) => {
      expect(parseCpuMillicores(printCpu(millicores))).toBe(millicores);
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeNat(),
        fc.nat(60).map((power) => 2 ** power),
      ),
      (bytes) => {
        expect(parseBytes(printBytes(bytes))).toBe(bytes);
      },
    ),
  );
});

test('one amount has one printed form, as the API server answers it', () => {
  expect([printCpu(500), printCpu(2000), printCpu(0), printCpu(1500)]).toEqual(['500m', '2', '0', '1500m']);
  expect([printMiB(512), printMiB(1024), printMiB(1536), printBytes(1000), printBytes(0)]).toEqual([
    '512Mi',
    '1Gi',
    '1536Mi',
    '1000',
    '0',
  ]);
});

test('units and plain numbers agree, whatever the digits', () => {
  const digits = fc.tuple(fc.nat(99_999), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`);
  fc.assert(
    fc.property(digits, fc.constantFrom(['k', 3], ['M', 6], ['G', 9], ['m', -3], ['u', -6]), (text, [unit, power]) => {
      expect(parseQuantity(`${text}${unit}`)).toBe(parseQuantity(`${text}e${power}`));
    }),
  );
  fc.assert(
    fc.property(digits, (text) => {
      const [whole = '', part = ''] = text.split('.');
      const divisor = 10n ** BigInt(part.length);
      const exact = BigInt(whole + part) * 1024n ** 2n * 10n ** 9n;
      expect(parseQuantity(`${text}Mi`)).toBe(exact / divisor + (exact % divisor === 0n ? 0n : 1n));
    }),
  );
});

test('any text is read or refused, never more', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.eE+-mkKMGTPiun ') })),
      (text) => {
        const amount = parseQuantity(text);
        expect(amount === null || typeof amount === 'bigint').toBe(true);
      },
    ),
  );
});
