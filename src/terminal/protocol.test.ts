import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientMessage, cleanName, MAX_NAME_LENGTH, parseClientMessage, stripControls } from './protocol.ts';

describe('parseClientMessage', () => {
  it('takes every message that the page sends', () => {
    const messages: ClientMessage[] = [
      { type: 'attach', client: 'a-1', offset: null, active: true, cols: 80, rows: 24 },
      { type: 'attach', client: 'a-1', offset: 12, active: false, cols: 1, rows: 1 },
      { type: 'ack', offset: 0 },
      { type: 'resize', cols: 200, rows: 50 },
      { type: 'focus' },
      { type: 'ping' },
    ];
    for (const message of messages) expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"type":"ack","offset":-1}',
    '{"type":"ack","offset":1.5}',
    '{"type":"ack"}',
    '{"type":"resize","cols":0,"rows":1}',
    '{"type":"resize","cols":80,"rows":1e9}',
    '{"type":"attach","client":"a","offset":0,"cols":80,"rows":24}',
    '{"type":"attach","client":"a b","offset":0,"active":true,"cols":80,"rows":24}',
    '{"type":"exec"}',
  ])('refuses %s', (text) => expect(parseClientMessage(text)).toBeNull());

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseClientMessage(text)));
  });
});

describe('names', () => {
  it('are one line, trimmed and bounded', () => {
    expect(cleanName('  fit\n run ')).toBe('fit run');
    expect([...cleanName('🙂'.repeat(200))]).toHaveLength(MAX_NAME_LENGTH);
  });

  it('cannot reorder or hide text', () => {
    expect(stripControls('safe\u202Egnp.exe\u0007')).toBe('safegnp.exe');
  });
});
