/** Numbers out of the data of a FITS file: planes of images, columns of binary tables (FITS Standard 4.0, §5 and §7.3). Pure. */
import { type FitsUnit, numberOf, textOf } from './fits-header.ts';

export interface FitsColumn {
  /** Counted from 1, as in TTYPEn. */
  number: number;
  name: string;
  unit: string;
  /** L, B, I, J, K, E, D, A, …: §7.3.3. */
  type: string;
  /** Elements in each row. */
  repeat: number;
  /** Offset in the row. */
  offset: number;
  scale: number;
  zero: number;
}

const WIDTH: Readonly<Record<string, number>> = {
  L: 1,
  B: 1,
  A: 1,
  I: 2,
  J: 4,
  K: 8,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
};

export function tableColumns(unit: FitsUnit): FitsColumn[] {
  const columns: FitsColumn[] = [];
  let offset = 0;
  for (let n = 1; n <= Math.min(999, numberOf(unit, 'TFIELDS', 0)); n += 1) {
    const form = /^(\d*)([LXBIJKAEDCMPQ])/.exec(textOf(unit, `TFORM${n}`));
    const repeat = form?.[1] ? Number(form[1]) : 1;
    const type = form?.[2] ?? 'B';
    columns.push({
      number: n,
      name: textOf(unit, `TTYPE${n}`) || `col${n}`,
      unit: textOf(unit, `TUNIT${n}`),
      type,
      repeat,
      offset,
      scale: numberOf(unit, `TSCAL${n}`, 1),
      zero: numberOf(unit, `TZERO${n}`, 0),
    });
    offset += type === 'X' ? Math.ceil(repeat / 8) : repeat * (WIDTH[type] ?? 1);
  }
  return columns;
}

export function isNumeric({ type }: FitsColumn): boolean {
  return 'BIJKED'.includes(type);
}

/** All elements of a numeric column, row after row; rows beyond the bytes are left out. `data` begins at unit.dataStart. */
export function columnValues(unit: FitsUnit, column: FitsColumn, data: DataView): Float64Array {
  const rowBytes = unit.axes[0] ?? 0;
  const rows = rowBytes === 0 ? 0 : Math.min(unit.axes[1] ?? 0, Math.floor(data.byteLength / rowBytes));
  const width = WIDTH[column.type] ?? 1;
  const read = reader(data, column.type);
  const values = new Float64Array(rows * column.repeat);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    const start = row * rowBytes + column.offset;
    for (let i = 0; i < column.repeat; i += 1) {
      values[at] = read(start + i * width) * column.scale + column.zero;
      at += 1;
    }
  }
  return values;
}

/** Bytes of one plane of an image: its first two axes. */
export function planeBytes(unit: FitsUnit): number {
  return (unit.axes[0] ?? 0) * (unit.axes[1] ?? 1) * (Math.abs(unit.bitsPerPixel) / 8);
}

/**
 * The plane that `data` begins with, at most `side` pixels a side (every n-th pixel of a larger one), lowest row first as
 * stored. BLANK pixels are NaN.
 */
export function imagePlane(
  unit: FitsUnit,
  data: DataView,
  side: number,
): { width: number; height: number; values: Float64Array } {
  const [columns = 0, rows = 1] = unit.axes;
  const bytes = Math.abs(unit.bitsPerPixel) / 8;
  const whole = Math.min(rows, Math.floor(data.byteLength / Math.max(1, columns * bytes)));
  const step = Math.max(1, Math.ceil(Math.max(columns, whole) / side));
  const width = Math.ceil(columns / step);
  const height = Math.ceil(whole / step);
  const type = { 8: 'B', 16: 'I', 32: 'J', 64: 'K', [-32]: 'E', [-64]: 'D' }[unit.bitsPerPixel] ?? 'B';
  const read = reader(data, type);
  const scale = numberOf(unit, 'BSCALE', 1);
  const zero = numberOf(unit, 'BZERO', 0);
  const blank = unit.bitsPerPixel > 0 ? numberOf(unit, 'BLANK', Number.NaN) : Number.NaN;
  const values = new Float64Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const raw = read((y * step * columns + x * step) * bytes);
      values[y * width + x] = raw === blank ? Number.NaN : raw * scale + zero;
    }
  }
  return { width, height, values };
}

function reader(data: DataView, type: string): (at: number) => number {
  switch (type) {
    case 'I':
      return (at) => data.getInt16(at);
    case 'J':
      return (at) => data.getInt32(at);
    case 'K':
      return (at) => Number(data.getBigInt64(at));
    case 'E':
      return (at) => data.getFloat32(at);
    case 'D':
      return (at) => data.getFloat64(at);
    default:
      return (at) => data.getUint8(at);
  }
}
