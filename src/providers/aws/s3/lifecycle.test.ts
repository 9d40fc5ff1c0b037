import { expect, test } from 'vitest';
import { mergeRules, removalsBy, rulesHold, wantedRules } from './lifecycle.ts';

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

test('rules that take current objects away are told, ours are none', () => {
  const on = { Status: 'Enabled' } as const;
  expect(removalsBy(wantedRules(30, 'STANDARD_IA'))).toEqual([]);
  expect(
    removalsBy([
      { ...on, ID: 'old', Filter: { Prefix: 'control/log/' }, Expiration: { Days: 30 } },
      { ...on, ID: 'dated', Prefix: '', Expiration: { Date: new Date() } },
      {
        ...on,
        ID: 'cold',
        Filter: { And: { Prefix: 'a/' } },
        Transitions: [{ Days: 90, StorageClass: 'DEEP_ARCHIVE' }],
      },
      { ...on, ID: 'tagged', Filter: { Tag: { Key: 'a', Value: 'b' } }, Expiration: { Days: 1 } },
      { ID: 'off', Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    ]),
  ).toEqual([
    { prefix: 'control/log/', what: 'The lifecycle rule “old” deletes objects after 30 days.' },
    { prefix: '', what: 'The lifecycle rule “dated” deletes objects on a date.' },
    { prefix: 'a/', what: expect.stringMatching(/archive/) },
  ]);
});
