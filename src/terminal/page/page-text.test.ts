import { describe, expect, it } from 'vitest';
import { trimAddress } from './links.ts';
import { isTerminalReport } from './terminal-reports.ts';

describe('isTerminalReport', () => {
  it.each([
    '\x1b[?1;2c',
    '\x1b[>0;276;0c',
    '\x1b[0n',
    '\x1b[12;40R',
    '\x1b[?2026;2$y',
    '\x1b[I',
    '\x1b[O',
    '\x1b[8;24;80t',
    '\x1b]11;rgb:0d/10/18\x1b\\',
    '\x1bP1$r0m\x1b\\',
  ])('knows %j', (data) => expect(isTerminalReport(data)).toBe(true));
  it.each([
    'a',
    '\r',
    '\x1b',
    '\x1b[A',
    '\x1bOA',
    '\x1b[1;5C',
    '\x1b[3~',
    '\x1b[200~pasted\x1b[201~',
    '\x1b[<0;3;4M',
    '\x1bb',
  ])('leaves %j to the person', (data) => expect(isTerminalReport(data)).toBe(false));
});

it.each([
  ['https://a.example/x).', 'https://a.example/x'],
  ['https://a.example/x_(y)', 'https://a.example/x_(y)'],
  ['https://a.example/?q=1,', 'https://a.example/?q=1'],
  ['http://localhost:8888/', 'http://localhost:8888/'],
])('trimAddress %s', (given, expected) => expect(trimAddress(given)).toBe(expected));
