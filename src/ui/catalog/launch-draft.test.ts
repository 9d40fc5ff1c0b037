import { describe, expect, it } from 'vitest';
import type { StorageId } from '../../domain/ids.ts';
import { customSize, draftFaults, isValid, type LaunchDraft, suggestName, variableFaults } from './launch-draft.ts';

const draft = (change: Partial<LaunchDraft> = {}): LaunchDraft => ({
  name: 'Terminal',
  size: 'minimal',
  customCores: '1',
  customGiB: '2',
  storage: 'automatic',
  storageId: null,
  newStorage: '',
  command: '',
  variables: [],
  ...change,
});

describe('draftFaults', () => {
  it('accepts the prefilled form', () => expect(isValid(draftFaults(draft(), false))).toBe(true));

  it.each<[string, Partial<LaunchDraft>]>([
    ['an empty name', { name: '   ' }],
    ['a name of 65 characters', { name: 'x'.repeat(65) }],
    ['a custom size that is no number', { size: 'custom', customCores: 'many' }],
    ['a custom size below the smallest', { size: 'custom', customCores: '0.05' }],
    ['no chosen storage', { storage: 'existing' }],
    ['a new storage without a name', { storage: 'new' }],
    ['a bad variable', { variables: [{ id: 1, name: '1X', value: '' }] }],
    ['too much in variables', { variables: [{ id: 1, name: 'X', value: 'é'.repeat(33_000) }] }],
  ])('refuses %s', (_, change) => expect(isValid(draftFaults(draft(change), false))).toBe(false));

  it('asks for a command only where there is one', () => {
    expect(isValid(draftFaults(draft(), true))).toBe(false);
    expect(isValid(draftFaults(draft({ command: 'serve' }), true))).toBe(true);
  });

  it('accepts a chosen and a new storage', () => {
    const chosen = draft({ storage: 'existing', storageId: 'sto-1' as StorageId });
    expect(isValid(draftFaults(chosen, false))).toBe(true);
    expect(isValid(draftFaults(draft({ storage: 'new', newStorage: 'Maps' }), false))).toBe(true);
  });
});

it('tells variable faults apart and ignores empty rows', () => {
  const rows = [
    { id: 1, name: 'A', value: '1' },
    { id: 2, name: 'A', value: '2' },
    { id: 3, name: 'PATH', value: '' },
    { id: 4, name: 'a-b', value: '' },
    { id: 5, name: '', value: '' },
    { id: 6, name: '', value: 'lost' },
  ];
  expect([...variableFaults(rows)]).toEqual([
    [2, 'twice'],
    [3, 'reserved'],
    [4, 'invalid'],
    [6, 'invalid'],
  ]);
});

it('reads a custom size', () => {
  expect(customSize({ customCores: '1.5', customGiB: '3' })).toEqual({ cpuMillicores: 1500, memoryMiB: 3072, gpus: 0 });
  expect(customSize({ customCores: '1', customGiB: '' })).toBeNull();
});

it('suggests the first free name', () => {
  expect(suggestName('Terminal', [])).toBe('Terminal');
  expect(suggestName('Terminal', ['Terminal', 'Terminal 2', 'Terminal 4'])).toBe('Terminal 3');
});
