/**
 * Headers of FITS files (FITS Standard 4.0, §3–4): what each part of the file is and where its data lie. Pure and forgiving:
 * a file that is cut off, or odd in places, still shows what could be read.
 */
export const BLOCK_BYTES = 2880;
const CARD_BYTES = 80;

export interface FitsCard {
  keyword: string;
  value: string | number | boolean | null;
  comment: string;
}

export interface FitsUnit {
  /** 0 is the primary one. */
  index: number;
  name: string;
  kind: 'image' | 'table' | 'empty' | 'other';
  cards: FitsCard[];
  /** NAXIS1, NAXIS2, … as stored: the first varies fastest. */
  axes: number[];
  bitsPerPixel: number;
  /** Offset of the first byte of data in the file. */
  dataStart: number;
  /** Without padding. */
  dataBytes: number;
}

/**
 * One header that starts at `at` of the file; `bytes` begins there.
 * null: not a FITS header; `more`: it is longer than the bytes given.
 */
export function readUnit(bytes: Uint8Array, at: number, index: number): FitsUnit | 'more' | null {
  const cards: FitsCard[] = [];
  for (let offset = 0; ; offset += CARD_BYTES) {
    if (offset + CARD_BYTES > bytes.length) return offset === 0 ? null : 'more';
    const text = latin1(bytes.subarray(offset, offset + CARD_BYTES));
    if (offset === 0 && !/^(SIMPLE {2}=|XTENSION=)/.test(text)) return null;
    const keyword = text.slice(0, 8).trimEnd();
    if (keyword === 'END') return unitOf(cards, index, at + roundUp(offset + CARD_BYTES));
    if (!/^[A-Z0-9_-]*$/.test(keyword)) return null;
    const before = cards.at(-1);
    if (keyword === 'CONTINUE' && before) continueString(before, text);
    else cards.push(readCard(keyword, text));
  }
}

/** Where the next header would begin. */
export function nextUnitAt({ dataStart, dataBytes }: FitsUnit): number {
  return dataStart + roundUp(dataBytes);
}

export function cardOf(unit: Pick<FitsUnit, 'cards'>, keyword: string): FitsCard['value'] {
  return unit.cards.find((card) => card.keyword === keyword)?.value ?? null;
}

export function numberOf(unit: Pick<FitsUnit, 'cards'>, keyword: string, otherwise: number): number {
  const value = cardOf(unit, keyword);
  return typeof value === 'number' ? value : otherwise;
}

export function textOf(unit: Pick<FitsUnit, 'cards'>, keyword: string): string {
  const value = cardOf(unit, keyword);
  return typeof value === 'string' ? value.trim() : '';
}

function unitOf(cards: FitsCard[], index: number, dataStart: number): FitsUnit {
  const head = { cards };
  const dimensions = Math.max(0, Math.min(999, numberOf(head, 'NAXIS', 0)));
  const axes = Array.from({ length: dimensions }, (_, i) => Math.max(0, numberOf(head, `NAXIS${i + 1}`, 0)));
  const bitsPerPixel = numberOf(head, 'BITPIX', 8);
  const elements = dimensions === 0 ? 0 : axes.reduce((product, length) => product * length, 1);
  const dataBytes =
    (Math.abs(bitsPerPixel) / 8) * numberOf(head, 'GCOUNT', 1) * (numberOf(head, 'PCOUNT', 0) + elements);
  const extension = textOf(head, 'XTENSION');
  const isImage = index === 0 || extension === 'IMAGE';
  const kind = isImage ? (elements > 0 ? 'image' : 'empty') : extension === 'BINTABLE' ? 'table' : 'other';
  return {
    index,
    name: textOf(head, 'EXTNAME') || (index === 0 ? 'PRIMARY' : extension),
    kind,
    cards,
    axes,
    bitsPerPixel,
    dataStart,
    dataBytes,
  };
}

function readCard(keyword: string, text: string): FitsCard {
  if (text.slice(8, 10) !== '= ') return { keyword, value: null, comment: text.slice(8).trim() };
  const rest = text.slice(10);
  const quoted = /^\s*'((?:[^']|'')*)'/.exec(rest);
  if (quoted) {
    return { keyword, value: unquote(quoted[1] ?? ''), comment: commentOf(rest.slice(quoted[0].length)) };
  }
  const slash = rest.indexOf('/');
  const raw = (slash < 0 ? rest : rest.slice(0, slash)).trim();
  const comment = slash < 0 ? '' : commentOf(rest.slice(slash));
  if (raw === 'T' || raw === 'F') return { keyword, value: raw === 'T', comment };
  // Fortran's double precision writes its exponent with a D.
  const number = raw === '' ? Number.NaN : Number(raw.replace(/[Dd](?=[+-]?\d)/, 'E'));
  return { keyword, value: raw === '' ? null : Number.isNaN(number) ? raw : number, comment };
}

/** Long strings go on in CONTINUE cards (§4.2.1.2). */
function continueString(before: FitsCard, text: string): void {
  const quoted = /^\s*'((?:[^']|'')*)'/.exec(text.slice(8));
  if (!quoted || typeof before.value !== 'string' || !before.value.endsWith('&')) return;
  before.value = before.value.slice(0, -1) + unquote(quoted[1] ?? '');
  before.comment = `${before.comment} ${commentOf(text.slice(8 + quoted[0].length))}`.trim();
}

const unquote = (text: string): string => text.replaceAll("''", "'").trimEnd();
const commentOf = (text: string): string => text.replace(/^\s*\/\s?/, '').trim();
const roundUp = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
