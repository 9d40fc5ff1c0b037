/**
 * Terminal output as styled text: SGR colours and weight (ECMA-48, 16 and 256 colours and 24-bit), everything else of the
 * control language is dropped. Pure; state carries over from line to line.
 */
export interface AnsiStyle {
  /** 0..15 is the palette of the theme; anything else is a CSS colour. */
  color: number | string | null;
  background: number | string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

export interface AnsiSpan {
  text: string;
  style: AnsiStyle;
}

export const PLAIN: AnsiStyle = {
  color: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

// CSI … final byte | OSC … BEL or ST | other two-byte escapes. An unfinished sequence at the end is dropped too.
const ESCAPE =
  /\x1b(?:\[([0-9;:]*)([ -/]*)([@-~])|\[[0-9;:?<=>]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\|$)|[ -/]*[0-~]|$)/g;
const OTHER_CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** Spans of one line (no newline inside) and the style in which the next line begins. */
export function parseAnsi(line: string, start: AnsiStyle = PLAIN): { spans: AnsiSpan[]; style: AnsiStyle } {
  const spans: AnsiSpan[] = [];
  let style = start;
  let from = 0;
  const push = (raw: string) => {
    const text = raw.replace(OTHER_CONTROLS, '');
    if (text) spans.push({ text, style });
  };
  const visible = overwritten(line);
  for (const match of visible.matchAll(ESCAPE)) {
    push(visible.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[3] === 'm' && match[2] === '') style = applySgr(style, match[1] ?? '');
  }
  push(visible.slice(from));
  return { spans, style };
}

/** The text of a line without any control sequence: for search and copy. */
export function stripAnsi(line: string): string {
  return overwritten(line).replace(ESCAPE, '').replace(OTHER_CONTROLS, '');
}

/** A carriage return starts the line again (progress bars): what stood before the last one is not visible. */
function overwritten(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}

function applySgr(style: AnsiStyle, params: string): AnsiStyle {
  const codes = params.split(/[;:]/).map((part) => (part === '' ? 0 : Number(part)));
  let next: AnsiStyle = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) next = { ...PLAIN };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code >= 30 && code <= 37) next.color = code - 30;
    else if (code === 39) next.color = null;
    else if (code >= 40 && code <= 47) next.background = code - 40;
    else if (code === 49) next.background = null;
    else if (code >= 90 && code <= 97) next.color = code - 82;
    else if (code >= 100 && code <= 107) next.background = code - 92;
    else if (code === 38 || code === 48) {
      const { color, used } = extended(codes.slice(at + 1));
      if (code === 38) next.color = color;
      else next.background = color;
      at += used;
    }
  }
  return next;
}

function extended(rest: number[]): { color: number | string | null; used: number } {
  const [kind, a = 0, b = 0, c = 0] = rest;
  if (kind === 5) return { color: indexed(a), used: 2 };
  if (kind === 2) return { color: rgb(a, b, c), used: 4 };
  return { color: null, used: rest.length };
}

/** xterm's 256 colours: 16 of the theme, a 6×6×6 cube, 24 greys. */
function indexed(index: number): number | string | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgb(grey, grey, grey);
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function rgb(red: number, green: number, blue: number): string {
  const byte = (value: number) => Math.min(255, Math.max(0, Math.trunc(value) || 0));
  return `rgb(${byte(red)} ${byte(green)} ${byte(blue)})`;
}
