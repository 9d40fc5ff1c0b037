/** Reads a FITS file piece by piece over the network: its headers, then only the data that are to be shown. */
import type { StorageId } from '../../../domain/ids.ts';
import { columnValues, type FitsColumn, imagePlane, isNumeric, planeBytes, tableColumns } from './fits-data.ts';
import { type FitsUnit, nextUnitAt, numberOf, readUnit, textOf } from './fits-header.ts';
import { mollweide, type Ordering, pixelCount } from './healpix.ts';
import { readBytes } from './read-bytes.ts';

const HEADER_BYTES = 28_800;
const MAX_HEADER_BYTES = 16 * HEADER_BYTES;
const MAX_UNITS = 24;
/** What a preview may move over the network. */
export const MAX_DATA_BYTES = 128 * 1024 * 1024;
const IMAGE_SIDE = 1024;
const SKY_WIDTH = 1200;

export interface FitsSource {
  storageId: StorageId;
  fileKey: string;
}

/** Empty: it is no FITS file. null: it is gone. @throws Error with a sentence for people */
export async function readUnits(source: FitsSource, signal: AbortSignal): Promise<FitsUnit[] | null> {
  const units: FitsUnit[] = [];
  let totalBytes = Number.POSITIVE_INFINITY;
  for (let at = 0; at < totalBytes && units.length < MAX_UNITS; ) {
    const read = await readHeader(source, { at, index: units.length, signal });
    if (!read) return null;
    if (!read.unit) break;
    units.push(read.unit);
    totalBytes = read.totalBytes;
    at = nextUnitAt(read.unit);
  }
  return units;
}

async function readHeader(
  source: FitsSource,
  { at, index, signal }: { at: number; index: number; signal: AbortSignal },
): Promise<{ unit: FitsUnit | null; totalBytes: number } | null> {
  for (let length = HEADER_BYTES; ; length *= 4) {
    const part = await readBytes(source, { start: at, length, signal });
    if (!part) return null;
    const unit = readUnit(part.bytes, at, index);
    const { totalBytes } = part;
    if (unit !== 'more') return { unit, totalBytes };
    if (part.bytes.length < length || length >= MAX_HEADER_BYTES) return { unit: null, totalBytes };
  }
}

export type FitsPicture =
  | { kind: 'plane' | 'sky'; width: number; height: number; values: Float64Array; unit: string }
  | { kind: 'line'; values: Float64Array; unit: string }
  | { kind: 'none' }
  | { kind: 'large'; bytes: number };

/** Columns of which there is something to draw. */
export function drawable(unit: FitsUnit): FitsColumn[] {
  return unit.kind === 'table'
    ? tableColumns(unit).filter((column) => isNumeric(column) && column.name !== 'PIXEL')
    : [];
}

/** @param column of `drawable`, for tables  @throws Error with a sentence for people */
export async function readPicture(
  source: FitsSource,
  unit: FitsUnit,
  { column, signal }: { column: FitsColumn | null; signal: AbortSignal },
): Promise<FitsPicture> {
  const wanted = unit.kind === 'image' ? planeBytes(unit) : unit.kind === 'table' && column ? unit.dataBytes : 0;
  if (wanted === 0) return { kind: 'none' };
  if (wanted > MAX_DATA_BYTES) return { kind: 'large', bytes: wanted };
  const part = await readBytes(source, { start: unit.dataStart, length: wanted, signal });
  if (!part) return { kind: 'none' };
  const data = new DataView(part.bytes.buffer);
  if (!column) {
    if (unit.axes.length === 1) {
      return {
        kind: 'line',
        values: imagePlane(unit, data, Number.POSITIVE_INFINITY).values,
        unit: textOf(unit, 'BUNIT'),
      };
    }
    return { kind: 'plane', ...imagePlane(unit, data, IMAGE_SIDE), unit: textOf(unit, 'BUNIT') };
  }
  const values = columnValues(unit, column, data);
  const sky = skyMap(unit, values, data);
  return sky
    ? { kind: 'sky', ...mollweide(sky.map, { ...sky, width: SKY_WIDTH }), unit: column.unit }
    : { kind: 'line', values, unit: column.unit };
}

function skyMap(
  unit: FitsUnit,
  values: Float64Array,
  data: DataView,
): { map: Float64Array; nside: number; ordering: Ordering } | null {
  const nside = numberOf(unit, 'NSIDE', 0);
  if (!Number.isInteger(nside) || nside < 1 || nside > 8192) return null;
  const ordering = textOf(unit, 'ORDERING').startsWith('NEST') ? 'NESTED' : 'RING';
  if (values.length === pixelCount(nside)) return { map: values, nside, ordering };
  // A part of the sky names the pixel of each row.
  const pixels = tableColumns(unit).find(({ name }) => name === 'PIXEL');
  if (!pixels || pixelCount(nside) * 8 > 4 * MAX_DATA_BYTES) return null;
  const map = new Float64Array(pixelCount(nside)).fill(Number.NaN);
  columnValues(unit, pixels, data).forEach((pixel, row) => {
    map[pixel] = values[row] ?? Number.NaN;
  });
  return { map, nside, ordering };
}
