import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourOf, limitsOf, paint } from './colour-scale.ts';
import { columnValues, imagePlane, tableColumns } from './fits-data.ts';
import { BLOCK_BYTES, cardOf, nextUnitAt, readUnit } from './fits-header.ts';
import { mollweide, type Ordering, pixelAt, pixelCount } from './healpix.ts';
import { readNotebook } from './notebook.ts';

function header(...cards: string[]): Uint8Array {
  const text = [...cards, 'END'].map((card) => card.padEnd(80)).join('');
  return new TextEncoder().encode(text.padEnd(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES));
}

function unit(...cards: string[]) {
  const read = readUnit(header(...cards), 0, 0);
  if (!read || read === 'more') throw new Error('no header');
  return read;
}

describe('FITS', () => {
  test('a header says what the data are and where the next one begins', () => {
    const image = unit(
      'SIMPLE  =                    T / conforms',
      'BITPIX  =                  -32',
      'NAXIS   =                    2',
      'NAXIS1  =                  300 / columns',
      'NAXIS2  =                  200',
      "OBJECT  = 'O''Neill''s map  '  / quoted quotes",
      'EXPTIME =              1.5D+02',
      "LONGSTRN= 'one &'",
      "CONTINUE  'two'",
      'COMMENT = not a value',
    );
    expect(image).toMatchObject({ kind: 'image', axes: [300, 200], dataStart: 2880, dataBytes: 240_000 });
    expect(cardOf(image, 'OBJECT')).toBe("O'Neill's map");
    expect(cardOf(image, 'EXPTIME')).toBe(150);
    expect(cardOf(image, 'LONGSTRN')).toBe('one two');
    expect(nextUnitAt(image)).toBe(2880 + 84 * 2880);
  });

  test('what is no header, or not all of one, is told apart', () => {
    expect(readUnit(new TextEncoder().encode('hello '.repeat(100)), 0, 0)).toBeNull();
    expect(readUnit(new Uint8Array(0), 0, 0)).toBeNull();
    expect(readUnit(header('SIMPLE  =                    T').subarray(0, 80), 0, 0)).toBe('more');
  });

  test('any bytes are read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const start = header('SIMPLE  =                    T').subarray(0, 80);
        readUnit(Uint8Array.from([...start, ...bytes]), 0, 0);
      }),
    );
  });

  test('an image is scaled, thinned out, and its blank pixels are no numbers', () => {
    const plane = unit(
      'SIMPLE  =                    T',
      'BITPIX  =                   16',
      'NAXIS   =                    2',
      'NAXIS1  =                    4',
      'NAXIS2  =                    2',
      'BZERO   =                32768',
      'BLANK   =                   -1',
    );
    const data = new DataView(new ArrayBuffer(16));
    for (let i = 0; i < 8; i += 1) data.setInt16(2 * i, i - 1);
    expect([...imagePlane(plane, data, 100).values]).toEqual([
      Number.NaN,
      ...[0, 1, 2, 3, 4, 5, 6].map((value) => value + 32768),
    ]);
    expect(imagePlane(plane, data, 2)).toMatchObject({ width: 2, height: 1 });
    expect([...imagePlane(plane, data, 2).values]).toEqual([Number.NaN, 32769]);
  });

  test('columns of a table are found and read by name', () => {
    const table = unit(
      "XTENSION= 'BINTABLE'",
      'BITPIX  =                    8',
      'NAXIS   =                    2',
      'NAXIS1  =                   13',
      'NAXIS2  =                    2',
      'TFIELDS =                    3',
      "TFORM1  = '2E      '",
      "TTYPE1  = 'TEMPERATURE'",
      "TUNIT1  = 'uK'",
      "TFORM2  = 'J'",
      'TSCAL2  = 2.0',
      "TFORM3  = '1L'",
    );
    const columns = tableColumns({ ...table, kind: 'table' });
    expect(columns.map(({ name, offset, repeat }) => [name, offset, repeat])).toEqual([
      ['TEMPERATURE', 0, 2],
      ['col2', 8, 1],
      ['col3', 12, 1],
    ]);
    const data = new DataView(new ArrayBuffer(26));
    for (const [row, base] of [0, 13].entries()) {
      data.setFloat32(base, row + 0.5);
      data.setFloat32(base + 4, row + 0.25);
      data.setInt32(base + 8, 10 * (row + 1));
    }
    const [temperature, number] = columns;
    if (!temperature || !number) throw new Error('no columns');
    expect([...columnValues(table, temperature, data)]).toEqual([0.5, 0.25, 1.5, 1.25]);
    expect([...columnValues(table, number, data)]).toEqual([20, 40]);
  });
});

describe('HEALPix', () => {
  const at = (nside: number, ordering: Ordering, theta: number, phi: number) =>
    pixelAt(nside, ordering, Math.cos(theta), phi);

  test('agrees with the reference implementation', () => {
    const { PI } = Math;
    // healpy 1.18: ang2pix(16, [π/2, π/4, π/2, 0, π], [0, π/4, π/2, 0, 0])
    const asked: [number, number][] = [
      [PI / 2, 0],
      [PI / 4, PI / 4],
      [PI / 2, PI / 2],
      [0, 0],
      [PI, 0],
    ];
    expect(asked.map(([theta, phi]) => at(16, 'RING', theta, phi))).toEqual([1440, 427, 1520, 0, 3068]);
  });

  const direction = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -7, max: 14, noNaN: true }));

  test('every direction has a pixel, and a nested one lies in that of the coarser map', () => {
    fc.assert(
      fc.property(direction, fc.integer({ min: 1, max: 9 }), ([z, phi], order) => {
        const nside = 2 ** order;
        const fine = pixelAt(nside, 'NESTED', z, phi);
        expect(fine).toBeGreaterThanOrEqual(0);
        expect(fine).toBeLessThan(pixelCount(nside));
        expect(pixelAt(nside / 2, 'NESTED', z, phi)).toBe(Math.floor(fine / 4));
        expect(pixelAt(nside, 'RING', z, phi)).toBeLessThan(pixelCount(nside));
      }),
    );
  });

  test('both orders cut the sky into the same pixels', () => {
    const pairs = new Map<number, number>();
    fc.assert(
      fc.property(direction, ([z, phi]) => {
        const ring = pixelAt(8, 'RING', z, phi);
        const nested = pixelAt(8, 'NESTED', z, phi);
        expect(pairs.get(ring) ?? nested).toBe(nested);
        pairs.set(ring, nested);
      }),
      { numRuns: 3000 },
    );
  });

  test('the map fills an ellipse and leaves out what was not observed', () => {
    const map = new Float64Array(pixelCount(4)).fill(1);
    const seen = mollweide(map, { nside: 4, ordering: 'RING', width: 200 }).values.filter(
      (value) => value === 1,
    ).length;
    expect(seen / (200 * 100)).toBeCloseTo(Math.PI / 4, 1);
    const unseen = mollweide(map.fill(-1.6375e30), { nside: 4, ordering: 'RING', width: 20 });
    expect(unseen.values.every(Number.isNaN)).toBe(true);
  });
});

describe('colours', () => {
  test('a few wild values do not wash out the rest', () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => i);
    values[0] = -1e30;
    values[999] = Number.POSITIVE_INFINITY;
    const limits = limitsOf(values);
    expect(limits?.low).toBeGreaterThan(0);
    expect(limits?.high).toBeLessThan(1000);
    expect(limitsOf(Float64Array.of(Number.NaN))).toBeNull();
  });

  test('ends of the scale, and transparency for what is not there', () => {
    expect(colourOf(-1)).toEqual([0x44, 0x01, 0x54]);
    expect(colourOf(2)).toEqual([0xfd, 0xe7, 0x25]);
    expect([...paint(Float64Array.of(0, Number.NaN), { low: 0, high: 0 })]).toEqual([
      0x44, 0x01, 0x54, 255, 0, 0, 0, 0,
    ]);
  });
});

describe('notebooks', () => {
  test('cells with their richest output', () => {
    const read = readNotebook(
      JSON.stringify({
        nbformat: 4,
        metadata: { kernelspec: { display_name: 'Python 3' } },
        cells: [
          { cell_type: 'markdown', source: ['# Title\n', 'text'] },
          {
            cell_type: 'code',
            source: 'plot()',
            execution_count: 3,
            outputs: [
              { output_type: 'stream', name: 'stderr', text: ['a', 'b'] },
              { output_type: 'display_data', data: { 'image/png': 'aGk=\n', 'text/plain': 'figure' } },
              { output_type: 'display_data', data: { 'image/png': '"><script>', 'text/plain': 'figure' } },
              { output_type: 'execute_result', data: { 'text/html': ['<b>', 'x</b>'], 'text/plain': 'x' } },
              { output_type: 'error', ename: 'ValueError', evalue: 'no', traceback: [] },
            ],
          },
        ],
      }),
    );
    expect(read?.kernel).toBe('Python 3');
    expect(read?.cells[0]).toMatchObject({ kind: 'markdown', source: '# Title\ntext' });
    expect(read?.cells[1]?.outputs).toEqual([
      { kind: 'text', text: 'ab', error: false },
      { kind: 'image', type: 'image/png', data: 'aGk=' },
      { kind: 'text', text: 'figure', error: false },
      { kind: 'html', html: '<b>x</b>' },
      { kind: 'text', text: 'ValueError: no', error: true },
    ]);
  });

  test('anything else is not a notebook', () => {
    for (const text of ['', '{', '[]', '{"nbformat":3,"cells":[]}', '{"nbformat":4,"cells":[1]}']) {
      expect(readNotebook(text)).toBeNull();
    }
  });
});
