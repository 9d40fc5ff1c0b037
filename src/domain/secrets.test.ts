import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  homePath,
  isEnvVarName,
  isReservedEnvVar,
  MAX_VALUE_BYTES,
  parseEnvFile,
  pathConflict,
  variableFault,
} from './secrets.ts';

describe('variables', () => {
  it.each([
    ['PATH2', true],
    ['_x', true],
    ['2X', false],
    ['MY VAR/../', false],
    ['', false],
    ['A=B', false],
    ['ä', false],
    ['A\n', false],
    ['A'.repeat(128), true],
    ['A'.repeat(129), false],
  ])('name %j → %s', (name, ok) => {
    expect(isEnvVarName(name)).toBe(ok);
  });

  it.each([
    ...['HOME', 'PATH', 'USER', 'LOGNAME', 'SHELL', 'PORT', 'NODE_OPTIONS', 'NODE_PATH'],
    ...['LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'CMBCLUSTER_SECRET', 'CMBCLUSTER_X'],
  ])('%s is not for people to set', (name) => expect(isReservedEnvVar(name)).toBe(true));

  it.each(['PYTHONPATH', 'path', 'HOMEBREW', 'AWS_PROFILE', 'OMP_NUM_THREADS', 'TZ', 'LDAP'])('%s is', (name) =>
    expect(isReservedEnvVar(name)).toBe(false),
  );

  it.each([
    ['A', 'x'.repeat(MAX_VALUE_BYTES), null],
    ['A', '', null],
    ['A', 'x'.repeat(MAX_VALUE_BYTES + 1), 'large'],
    ['A', 'ä'.repeat(MAX_VALUE_BYTES / 2 + 1), 'large'],
    ['A', 'a\0b', 'nul'],
    ['1', 'x', 'invalid'],
    ['HOME', 'x', 'reserved'],
  ])('%s with a value of its own kind (%#)', (name, value, fault) => {
    expect(variableFault(name, value)).toBe(fault);
  });
});

describe('.env files', () => {
  it.each<[string, Record<string, string>]>([
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['\ufeffA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['# a comment\n\n  export  A = b  ', { A: 'b' }],
    ['A=', { A: '' }],
    ['A=x # said later', { A: 'x' }],
    ['A=x#y', { A: 'x#y' }],
    ['A=#nothing', { A: '' }],
    ['A=two words', { A: 'two words' }],
    ["A='it # stands $B \\n'", { A: 'it # stands $B \\n' }],
    ['A="a\\nb\\t\\"c\\" \\$d \\\\ \\x" # tail', { A: 'a\nb\t"c" $d \\ \\x' }],
    ['A="one\ntwo\n"\nB=3', { A: 'one\ntwo\n', B: '3' }],
    ["KEY='-----BEGIN-----\nabc\n-----END-----'\nB=3", { KEY: '-----BEGIN-----\nabc\n-----END-----', B: '3' }],
    ['A=$HOME/x', { A: '$HOME/x' }],
    ['URL=postgres://u:p@h/d?a=b', { URL: 'postgres://u:p@h/d?a=b' }],
  ])('reads %j', (text, values) => {
    const read = parseEnvFile(text);
    expect(read.faults).toEqual([]);
    expect(Object.fromEntries(read.variables.map(({ name, value }) => [name, value]))).toEqual(values);
  });

  it.each([
    ['just words', 1, 'assignment'],
    ['=x', 1, 'assignment'],
    ['A=1\n2B=3', 2, 'invalid'],
    ['A=1\n\nHOME=/x', 3, 'reserved'],
    ['A="never closed\nB=2', 1, 'unclosed'],
    ["A='x' y", 1, 'trailing'],
    ['A=1\nA=2', 2, 'twice'],
    ['X="a\nb"\nA=1\nA=2', 4, 'twice'],
    ['A=a\0b', 1, 'nul'],
  ])('tells the line of what is wrong in %j', (text, line, fault) => {
    expect(parseEnvFile(text).faults).toMatchObject([{ line, fault }]);
  });

  it('ends for every text, and takes no name that could not be set', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\\', '\n', ' ', '#', '1', '$') }), (text) => {
        for (const { name, value } of parseEnvFile(text).variables) expect(variableFault(name, value)).toBeNull();
      }),
    );
  });
});

describe('paths of files', () => {
  it.each([
    ['~/.aws/credentials', '.aws/credentials'],
    ['.ssh/authorized_keys', '.ssh/authorized_keys'],
    ['key with spaces.json', 'key with spaces.json'],
    ['a/~b/…', 'a/~b/…'],
    ['.cmbcluster2', '.cmbcluster2'],
  ])('%s is ~/%s', (typed, path) => expect(homePath(typed)).toEqual({ path }));

  it.each([
    ['', 'empty'],
    ['~', 'empty'],
    ['~/', 'empty'],
    ['/etc/passwd', 'outside'],
    ['~root/x', 'outside'],
    ['~//x', 'outside'],
    ['~/~/x', 'outside'],
    ['../x', 'dots'],
    ['a/../../x', 'dots'],
    ['a/./x', 'dots'],
    ['a//x', 'slashes'],
    ['a/', 'slashes'],
    ['a\nb', 'control'],
    ['a\0b', 'control'],
    ['a\ud800', 'control'],
    ['a'.repeat(256), 'long'],
    ['ä'.repeat(128), 'long'],
    [`${'a/'.repeat(512)}b`, 'long'],
    ['.cmbcluster', 'reserved'],
    ['~/.cmbcluster/files.json', 'reserved'],
  ])('%j is refused as %s', (typed, fault) => {
    const place = homePath(typed);
    expect('fault' in place && place.fault).toBe(fault);
  });

  it('never lets a path leave the home', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '~') }), (typed) => {
        const place = homePath(typed);
        if ('path' in place) expect(new URL(place.path, 'http://h/home/me/').pathname).toMatch(/^\/home\/me\/./);
      }),
    );
  });

  it('knows when one would be a folder of another', () => {
    expect(pathConflict('a/b', ['a'])).toBe('a');
    expect(pathConflict('a', ['x', 'a/b'])).toBe('a/b');
    expect(pathConflict('a', ['ab', 'b/a', 'a'])).toBeNull();
  });
});
