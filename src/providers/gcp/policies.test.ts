import { expect, test } from 'vitest';
import { type Policy, principalOf, ROLE, withMember, withoutMember } from './access.ts';
import { corsRules, lifecycleRules, removalsBy } from './settings.ts';

const pool = { projectId: 'my-group', projectNumber: '123456' };
const member = principalOf(pool, { namespace: 'cmb-u-1', serviceAccount: 'u-1' });
const other = { role: 'roles/storage.admin', members: ['group:a@example.org'] };

test('a service account is named by its cluster’s identity pool', () => {
  expect(member).toBe(
    'principal://iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/my-group.svc.id.goog/subject/ns/cmb-u-1/sa/u-1',
  );
});

test('a member is added once and taken away again; other bindings stay', () => {
  const empty: Policy = { etag: 'e', bindings: [other] };
  const granted = withMember(empty, member);
  expect(granted.bindings).toEqual([other, { role: ROLE, members: [member] }]);
  expect(withMember(granted, member)).toBe(granted);
  expect(withMember(granted, 'user:b@example.org').bindings[1]?.members).toEqual([member, 'user:b@example.org']);
  expect(withoutMember(granted, member)).toEqual(empty);
  expect(withoutMember(empty, member)).toBe(empty);
});

test('a binding under a condition is not widened', () => {
  const conditional = { role: ROLE, members: ['user:b@example.org'], condition: { expression: 'false' } };
  const { bindings } = withMember({ etag: 'e', bindings: [conditional] }, member);
  expect(bindings).toEqual([conditional, { role: ROLE, members: [member] }]);
});

test('no file in use is ever deleted by a rule', () => {
  const foreign = [
    { action: { type: 'Delete' }, condition: { age: 1 } },
    { action: { type: 'SetStorageClass', storageClass: 'NEARLINE' }, condition: { age: 90 } },
  ];
  const rules = lifecycleRules(30, foreign);
  expect(rules).toContainEqual(foreign[1]);
  for (const { action, condition } of rules.filter((rule) => rule.action.type === 'Delete')) {
    expect(action.type).toBe('Delete');
    expect('matchesPrefix' in condition || ('isLive' in condition && condition.isLive === false)).toBe(true);
  }
});

test('no origin, no page', () => {
  expect(corsRules([])).toEqual([]);
  expect(corsRules(['https://a.example'])[0]).toMatchObject({
    origin: ['https://a.example'],
    method: ['GET', 'HEAD', 'PUT'],
  });
});

test('rules that take current objects away are told; of ours only the one for staged parts is one', () => {
  expect(removalsBy(lifecycleRules(30)).map(({ prefix }) => prefix)).toEqual(['/cmbcluster-uploads/']);
  const Delete = { type: 'Delete' };
  expect(
    removalsBy([
      { action: Delete, condition: { age: 30 } },
      { action: Delete, condition: { age: 1, matchesPrefix: ['a/', 'b/'] } },
      { action: Delete, condition: { numNewerVersions: 2 } },
      { action: Delete, condition: { age: 3, isLive: false } },
      { action: { type: 'SetStorageClass' }, condition: { age: 1 } },
    ]),
  ).toEqual([
    { prefix: '', what: 'A lifecycle rule deletes objects after 30 days.' },
    { prefix: 'a/', what: 'A lifecycle rule deletes objects after 1 days.' },
    { prefix: 'b/', what: 'A lifecycle rule deletes objects after 1 days.' },
  ]);
});
