import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectNoInjection } from '../../ports/storage/test-mounts.ts';
import { type MountOrder, mountSpec } from './mount.ts';

const identity = { namespace: 'cmb-environments', serviceAccount: 'u-7f3a' };
const order: MountOrder = {
  bucket: 'cmb-sto-123456789012-eu-central-1-an',
  path: '/workspace/data',
  workloadIdentity: identity,
  region: 'eu-central-1',
};

interface Volume {
  metadata: { name: string };
  spec: { mountOptions: string[]; csi: { volumeHandle: string; volumeAttributes: Record<string, string> } };
}

function volumeOf(given: MountOrder): Volume {
  const spec = mountSpec(given);
  if (spec.kind !== 'kubernetes') throw new Error('a mount in a cluster was wanted');
  return spec.objects[0] as Volume;
}

test.each([
  ['bucket', order],
  ['prefix', { ...order, prefix: 'users/u1/' }],
])('what the cluster is told: %s', (name, given) => {
  const golden = new URL(`./golden/mount-${name}.json`, import.meta.url);
  expect(mountSpec(given)).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
});

test('a volume and its claim name each other, and never is a volume inline', () => {
  const spec = mountSpec(order);
  if (spec.kind !== 'kubernetes') throw new Error('a mount in a cluster was wanted');
  const [volume, claim] = spec.objects as [
    { metadata: { name: string }; spec: { claimRef: object } },
    { metadata: { name: string; namespace: string }; spec: { volumeName: string } },
  ];
  expect(volume.spec.claimRef).toMatchObject({ namespace: claim.metadata.namespace, name: claim.metadata.name });
  expect(claim.spec.volumeName).toBe(volume.metadata.name);
  expect(spec.volume).toEqual({ name: 'workspace', persistentVolumeClaim: { claimName: claim.metadata.name } });
  expect(spec.volume).not.toHaveProperty('csi');
});

test('each bucket, prefix and identity has a volume of its own; the same ones have the same', () => {
  const orders = [
    order,
    { ...order, bucket: 'another-bucket' },
    { ...order, prefix: 'a/' },
    { ...order, workloadIdentity: { ...identity, namespace: 'other' } },
    { ...order, workloadIdentity: { ...identity, serviceAccount: 'u-other' } },
  ];
  expect(new Set(orders.map((each) => volumeOf(each).spec.csi.volumeHandle)).size).toBe(orders.length);
  expect(volumeOf(order)).toEqual(volumeOf({ ...order }));
  expect(volumeOf(order).metadata.name).toMatch(/^[a-z0-9-]{1,63}$/);
});

test('outside a cluster there is nothing to mount', () => {
  expect(() => mountSpec({ ...order, workloadIdentity: null })).toThrow(
    expect.objectContaining({ code: 'failed_precondition' }),
  );
});

test.each(['workspace', '/a:b', '/a/../etc', '/a\nb', '/./a', ''])('a mount at %j is refused', (path) => {
  expect(() => mountSpec({ ...order, path })).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});

test.each(['users/u1', '/users/', 'a//', '../', 'a/./', 'a b/', 'a,b/', '-a/'])(
  'the prefix %j is refused',
  (prefix) => {
    expect(() => mountSpec({ ...order, prefix })).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  },
);

test.each(['bucket', 'path', 'region', 'prefix', 'namespace', 'serviceAccount'] as const)(
  'no %s becomes another option, attribute or object',
  (field) => {
    expectNoInjection(field, {
      mount: ({ namespace, serviceAccount, ...words }) =>
        mountSpec({ ...words, workloadIdentity: { namespace, serviceAccount } }),
      // A name made of all the words, by a hash.
      derived: (spec) => (spec.kind === 'kubernetes' ? (spec.objects[0] as Volume).metadata.name : null),
    });
  },
);
