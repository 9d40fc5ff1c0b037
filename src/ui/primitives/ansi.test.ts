import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN, parseAnsi, stripAnsi } from './ansi.ts';

const ESC = '\u001b';
const shown = (line: string) => parseAnsi(line).spans.map(({ text, style }) => [text, style.color, style.bold]);

describe('parseAnsi', () => {
  it('colours by the theme and resets', () => {
    expect(shown(`a${ESC}[1;31mb${ESC}[0mc`)).toEqual([
      ['a', null, false],
      ['b', 1, true],
      ['c', null, false],
    ]);
  });

  it('knows bright, indexed and 24-bit colours', () => {
    expect(shown(`${ESC}[92ma${ESC}[38;5;196mb${ESC}[38;2;1;2;300mc${ESC}[38;5;9md${ESC}[39me`)).toEqual([
      ['a', 10, false],
      ['b', 'rgb(255 0 0)', false],
      ['c', 'rgb(1 2 255)', false],
      ['d', 9, false],
      ['e', null, false],
    ]);
    expect(parseAnsi(`${ESC}[48;5;244mx`).spans[0]?.style.background).toBe('rgb(128 128 128)');
  });

  it('carries the style over to the next line', () => {
    const first = parseAnsi(`${ESC}[32mgreen`);
    expect(parseAnsi('still', first.style).spans[0]?.style.color).toBe(2);
    expect(parseAnsi(`${ESC}[m`, first.style).style).toEqual(PLAIN);
  });

  it('shows what a carriage return left visible', () => {
    expect(stripAnsi('10 %\r50 %\r100 %\r')).toBe('100 %');
  });

  it('drops titles, cursor moves, links and unfinished sequences', () => {
    expect(stripAnsi(`${ESC}]0;title\u0007a${ESC}[2Kb${ESC}]8;;http://x${ESC}\\c${ESC}(Bd${ESC}[?25le${ESC}[3`)).toBe(
      'abcde',
    );
  });

  it('never lets a control character through, and spans hold the same text as the stripped line', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(`${ESC}[`, ESC, '\r', '\u0007', `${ESC}[31m`, `${ESC}]0;`, ';', 'm', '\u0000'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const line = pieces.join('').replaceAll('\n', '');
        const text = parseAnsi(line)
          .spans.map((span) => span.text)
          .join('');
        expect(text).toBe(stripAnsi(line));
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      }),
    );
  });
});
