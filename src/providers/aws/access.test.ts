import { beforeEach, describe, expect, test } from 'vitest';
import { type Association, associate, dissociate, type EksCalls, workloadAccess } from './access.ts';
import { bucketsOf, sessionPolicy } from './session-policy.ts';

const identity = { namespace: 'cmb', serviceAccount: 'u-1' };
const other = { namespace: 'cmb', serviceAccount: 'u-2' };
const roleArn = 'arn:aws:iam::123456789012:role/workload';
const signal = new AbortController().signal;

/** The associations of a cluster: one at most for each service account, as EKS has it. */
function cluster() {
  const held = new Map<string, Association>();
  const writes: string[] = [];
  const keyOf = ({ namespace, serviceAccount }: typeof identity) => `${namespace}/${serviceAccount}`;
  const calls: EksCalls = {
    find: async (who) => held.get(keyOf(who)) ?? null,
    async create({ identity: who, roleArn: role, policy }) {
      if (held.has(keyOf(who))) throw Object.assign(new Error(), { name: 'ResourceInUseException' });
      writes.push('create');
      held.set(keyOf(who), { id: `a-${held.size}`, roleArn: role, policy, ours: true });
    },
    async update(id, wanted) {
      writes.push('update');
      for (const [key, each] of held) if (each.id === id) held.set(key, { ...each, ...wanted });
    },
    async remove(id) {
      writes.push('remove');
      for (const [key, each] of held) if (each.id === id) held.delete(key);
    },
    close() {},
  };
  return { calls, held, writes, of: (who: typeof identity) => held.get(keyOf(who)) };
}

describe('Pod Identity', () => {
  let eks: ReturnType<typeof cluster>;
  const grant = (bucket: string, who = identity) => ({ roleArn, identity: who, bucket, partition: 'aws', signal });
  beforeEach(() => {
    eks = cluster();
  });

  test('a service account reaches its own buckets and nobody else’s', async () => {
    await associate(eks.calls, grant('mine'));
    await associate(eks.calls, grant('mine-too'));
    await associate(eks.calls, grant('theirs', other));
    expect(bucketsOf(eks.of(identity)?.policy)).toEqual(['mine', 'mine-too']);
    expect(bucketsOf(eks.of(other)?.policy)).toEqual(['theirs']);
  });

  test('asking again changes nothing; a changed role or policy is mended', async () => {
    await associate(eks.calls, grant('mine'));
    await associate(eks.calls, grant('mine'));
    expect(eks.writes).toEqual(['create']);
    const made = eks.of(identity);
    if (!made) throw new Error('nothing was made');
    eks.held.set('cmb/u-1', { ...made, policy: undefined });
    await associate(eks.calls, grant('mine'));
    eks.held.set('cmb/u-1', { ...made, roleArn: 'arn:aws:iam::123456789012:role/other' });
    await associate(eks.calls, grant('mine'));
    expect(eks.of(identity)).toEqual(made);
    expect(eks.writes).toEqual(['create', 'update', 'update']);
  });

  test('taking it away leaves the other buckets, and nothing at the end', async () => {
    await associate(eks.calls, grant('one'));
    await associate(eks.calls, grant('two'));
    await dissociate(eks.calls, grant('one'));
    expect(bucketsOf(eks.of(identity)?.policy)).toEqual(['two']);
    await dissociate(eks.calls, grant('unknown'));
    await dissociate(eks.calls, grant('two'));
    await dissociate(eks.calls, grant('two'));
    expect(eks.held.size).toBe(0);
    expect(eks.writes).toEqual(['create', 'update', 'update', 'remove']);
  });

  test('what somebody else made is neither taken over nor removed', async () => {
    const foreign = { id: 'x', roleArn, policy: undefined, ours: false };
    eks.held.set('cmb/u-1', foreign);
    await expect(associate(eks.calls, grant('mine'))).rejects.toMatchObject({ code: 'failed_precondition' });
    await dissociate(eks.calls, grant('mine'));
    expect(eks.of(identity)).toEqual(foreign);
  });
});

describe('the session policy', () => {
  test('allows files and lists, nothing over versions, policies or the bucket', () => {
    const { Statement } = JSON.parse(sessionPolicy(['b', 'a', 'b'], 'aws'));
    expect(Statement.map((each: { Resource: string[] }) => each.Resource)).toEqual([
      ['arn:aws:s3:::a', 'arn:aws:s3:::b'],
      ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
    ]);
    const actions: string[] = Statement.flatMap((each: { Action: string[] }) => each.Action);
    for (const action of actions)
      expect(action).not.toMatch(/\*|Version|Policy|DeleteBucket|CreateBucket|PutBucket|Acl/);
  });

  test('is read back, and any other text names no bucket', () => {
    expect(bucketsOf(sessionPolicy(['a', 'b'], 'aws-cn'))).toEqual(['a', 'b']);
    for (const text of [undefined, '', '{', 'null', '{}', '{"Statement":[{"Sid":"List","Resource":7}]}']) {
      expect(bucketsOf(text)).toEqual([]);
    }
  });

  test('that would be longer than EKS takes is refused', () => {
    const many = Array.from({ length: 40 }, (_, i) => `a-bucket-with-a-rather-long-name-${i}`);
    expect(() => sessionPolicy(many, 'aws')).toThrow(expect.objectContaining({ code: 'resource_exhausted' }));
  });
});

describe('what people are told', () => {
  const none = { clusterName: null, roleArn: null, irsaRoleArn: null, endpoint: null };

  test('outside a cluster nothing is needed; without a way there is none', async () => {
    const access = workloadAccess(none, 'eu-central-1');
    expect(await access.ensure('b', null, signal)).toMatch(/Nothing is needed/);
    expect(await access.ensure('b', identity, signal)).toMatch(/No access was given/);
    expect(access.reaches(identity)).toBe(false);
  });

  test('IRSA names the role that an administrator must make', async () => {
    const irsaRoleArn = 'arn:aws:iam::123456789012:role/{namespace}-{serviceAccount}';
    const access = workloadAccess({ ...none, irsaRoleArn }, 'eu-central-1');
    expect(await access.ensure('b', identity, signal)).toMatch(/role\/cmb-u-1 by IRSA.*administrator must make it/);
    expect(access.reaches(identity)).toBe(true);
    await access.revoke('b', identity, signal);
  });
});
