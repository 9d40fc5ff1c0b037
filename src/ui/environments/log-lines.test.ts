import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addChunk, EMPTY_LOG, type LogChunk, logText } from './log-lines.ts';

const chunk = (from: number, text: string, change: Partial<LogChunk> = {}): LogChunk => ({
  from,
  to: from + text.length,
  text,
  end: from + text.length,
  start: 0,
  generation: 1,
  ...change,
});

describe('addChunk', () => {
  it('gives the same lines however the output is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'bc', '\n', ' '), { maxLength: 60 }), (parts) => {
        let state = EMPTY_LOG;
        let at = 0;
        for (const part of parts) {
          state = addChunk(state, chunk(at, part));
          at += part.length;
        }
        const text = parts.join('');
        const expected = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text === '' ? [] : text.split('\n');
        expect(state.lines.map((line) => line.text)).toEqual(expected);
      }),
    );
  });

  it('leaves out the half line at the beginning of a tail', () => {
    const state = addChunk(EMPTY_LOG, chunk(500, 'alf a line\nwhole\n'));
    expect(state.lines.map(({ text }) => text)).toEqual(['whole']);
    expect(state.cut).toBe(true);
  });

  it('does not glue lines together over dropped bytes', () => {
    const state = addChunk(addChunk(EMPTY_LOG, chunk(0, 'begun')), chunk(900, 'later\n'));
    expect(state.lines.map(({ text }) => text)).toEqual(['begun', 'later']);
    expect(state.cut).toBe(true);
  });

  it('starts anew with the next generation, with ids that still grow', () => {
    const first = addChunk(EMPTY_LOG, chunk(0, 'one\ntwo\n'));
    const second = addChunk(first, chunk(0, 'fresh\n', { generation: 2 }));
    expect(second.lines.map(({ text }) => text)).toEqual(['fresh']);
    expect(second.lines[0]?.id).toBeGreaterThan(first.lastId);
  });

  it('keeps the newest lines when there are too many', () => {
    const state = addChunk(EMPTY_LOG, chunk(0, 'a\nb\nc\nd\n'), 2);
    expect(logText(state.lines)).toBe('c\nd\n');
    expect(state.cut).toBe(true);
  });
});
