/**
 * Addresses in the output as links. A plain click belongs to the program and to selecting, so a link opens with Ctrl or ⌘ held
 * (on touch: a tap). Only http and https are followed, whatever a program asks for.
 */
import type { IBufferLine, ILink, ILinkHandler, ILinkProvider, Terminal } from '@xterm/xterm';
import { messages } from './messages.ts';

const ADDRESS = /https?:\/\/[^\s"'<>`{}|\\^]+/g;
/** An address over more rows than these is cut; it keeps the search cheap on screens of one endless line. */
const MAX_WRAPPED_ROWS = 12;

export function linkHandler(host: HTMLElement): ILinkHandler {
  return {
    activate: (event, address) => open(event, address),
    hover: (_event, address) => host.setAttribute('title', `${address}\n${messages.followLink}`),
    leave: () => host.removeAttribute('title'),
  };
}

export function addressLinks(terminal: Terminal, handler: ILinkHandler): ILinkProvider {
  return {
    provideLinks(row, done) {
      const buffer = terminal.buffer.active;
      let first = row - 1;
      while (first > 0 && row - first < MAX_WRAPPED_ROWS && buffer.getLine(first)?.isWrapped) first -= 1;
      const lines: IBufferLine[] = [];
      for (let y = first; lines.length < MAX_WRAPPED_ROWS * 2; y += 1) {
        const line = buffer.getLine(y);
        if (!line || (y > first && !line.isWrapped)) break;
        lines.push(line);
      }
      const { text, cells } = readCells(lines);
      const links: ILink[] = [];
      for (const match of text.matchAll(ADDRESS)) {
        const address = trimAddress(match[0]);
        const start = cells[match.index];
        const end = cells[match.index + address.length - 1];
        if (!start || !end || !URL.canParse(address)) continue;
        const range = {
          start: { x: start.x + 1, y: first + start.y + 1 },
          end: { x: end.x + 1, y: first + end.y + 1 },
        };
        links.push({
          range,
          text: address,
          activate: (event) => open(event, address),
          hover: (event) => handler.hover?.(event, address, range),
          leave: (event) => handler.leave?.(event, address, range),
        });
      }
      done(links.length > 0 ? links : undefined);
    },
  };
}

/** Text of wrapped lines, and for each UTF-16 unit of it the cell that shows it. */
function readCells(lines: IBufferLine[]): { text: string; cells: { x: number; y: number }[] } {
  let text = '';
  const cells: { x: number; y: number }[] = [];
  for (const [y, line] of lines.entries()) {
    for (let x = 0; x < line.length; x += 1) {
      const cell = line.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const characters = cell.getChars() || ' ';
      text += characters;
      for (let unit = 0; unit < characters.length; unit += 1) cells.push({ x, y });
    }
  }
  return { text, cells };
}

/** Without the punctuation of the sentence around it; a closing bracket stays when it was opened inside. */
export function trimAddress(address: string): string {
  let trimmed = address;
  for (;;) {
    const last = trimmed.at(-1) ?? '';
    const opening = { ')': '(', ']': '[' }[last];
    const unbalanced = opening !== undefined && trimmed.split(last).length > trimmed.split(opening).length;
    if (!unbalanced && !'.,;:!?*'.includes(last)) return trimmed;
    trimmed = trimmed.slice(0, -1);
  }
}

function open(event: MouseEvent, address: string): void {
  const byTouch = matchMedia('(pointer: coarse)').matches;
  if (!byTouch && !event.ctrlKey && !event.metaKey) return;
  if (/^https?:\/\//i.test(address) && URL.canParse(address)) window.open(address, '_blank', 'noopener,noreferrer');
}
