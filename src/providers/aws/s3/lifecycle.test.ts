import { expect, test } from 'vitest';
import { mergeRules, rulesHold, wantedRules } from './lifecycle.ts';

test('old versions and abandoned uploads end, current files stay', () => {
  const rules = wantedRules(30, 'STANDARD');
  expect(rules).toHaveLength(2);
  expect(rules[0]).toMatchObject({
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    Expiration: { ExpiredObjectDeleteMarker: true },
  });
  expect(rules[1]).toMatchObject({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
  for (const rule of rules) {
    expect(rule.Status).toBe('Enabled');
    expect(rule.Expiration?.Days).toBeUndefined();
    expect(rule.Expiration?.Date).toBeUndefined();
  }
});

test('a class other than the default is a rule of its own, not before S3 allows it', () => {
  const [, , rule] = wantedRules(30, 'STANDARD_IA');
  expect(rule?.Transitions).toEqual([{ Days: 30, StorageClass: 'STANDARD_IA' }]);
});

test('rules of others are kept, ours replaced', () => {
  const theirs = { ID: 'theirs', Status: 'Enabled' as const, Filter: { Prefix: 'logs/' }, Expiration: { Days: 1 } };
  const merged = mergeRules([theirs, ...wantedRules(7, 'GLACIER_IR')], wantedRules(30, 'STANDARD'));
  expect(merged).toEqual([theirs, ...wantedRules(30, 'STANDARD')]);
});

test('a rule that was changed, switched off or removed by hand is seen', () => {
  const wanted = wantedRules(30, 'STANDARD');
  const [versions, uploads] = wanted;
  if (!versions || !uploads) throw new Error('two rules are wanted');
  expect(rulesHold([...wanted].reverse(), wanted)).toBe(true);
  expect(rulesHold([{ ...versions, Filter: undefined, Prefix: '' }, uploads], wanted)).toBe(true);
  expect(rulesHold([versions], wanted)).toBe(false);
  expect(rulesHold([{ ...versions, Status: 'Disabled' }, uploads], wanted)).toBe(false);
  expect(rulesHold([{ ...versions, Filter: { Prefix: 'a/' } }, uploads], wanted)).toBe(false);
  expect(rulesHold(wantedRules(7, 'STANDARD'), wanted)).toBe(false);
  expect(rulesHold(wantedRules(30, 'STANDARD_IA'), wanted)).toBe(false);
});
