import { expect, test } from 'vitest';
import { parseExtraVolumes } from './extra-volumes.ts';

const emptyDir = { emptyDir: { sizeLimit: '1Gi' } };
const parse = (volumes: unknown, mounts: unknown) => () => parseExtraVolumes(JSON.stringify({ volumes, mounts }));
const one = (source: unknown) => parse([{ name: 'a', source }], [{ name: 'a', mountPath: '/data' }]);
const at = (mountPath: string, more: object = {}) =>
  parse([{ name: 'a', source: emptyDir }], [{ name: 'a', mountPath, ...more }]);

test.each<[string, unknown]>([
  ['a claim', { persistentVolumeClaim: { claimName: 'data-{owner}' } }],
  ['a config map', { configMap: { name: 'settings', optional: true } }],
  ['a secret', { secret: { secretName: 'licence' } }],
  ['memory', { emptyDir: { sizeLimit: '0.5Gi', medium: 'Memory' } }],
  ['a driver', { csi: { driver: 'nfs.csi.k8s.io', volumeAttributes: { server: 'a' } } }],
])('%s may be added', (_, source) => expect(one(source)).not.toThrow());

test.each<[string, unknown]>([
  ['a folder of the machine', { hostPath: { path: '/' } }],
  ['a token', { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
  ['two at once', { ...emptyDir, configMap: { name: 'a' } }],
  ['nothing', {}],
  ['an unknown field', { persistentVolumeClaim: { claimName: 'a', readonly: true } }],
  ['a number as an attribute', { csi: { driver: 'a.b', volumeAttributes: { n: 1 } } }],
  ['an odd size', { emptyDir: { sizeLimit: '1 GB' } }],
  ['an odd name', { persistentVolumeClaim: { claimName: '../a' } }],
])('%s is refused', (_, source) => expect(one(source)).toThrow(/volumes\.0/));

test.each([
  '/',
  '/workspace',
  '/workspace/data',
  '/home',
  '/home/user',
  '/home/user/',
  '/tmp',
  '/tmp/x',
  '/dev/shm',
  '/run',
  '/run/cmbcluster',
  '/proc',
  '/etc',
  'data',
  '/a/../b',
  '/a:b',
  '//',
  '/./workspace',
])('nothing is mounted at %j', (path) => expect(at(path)).toThrow(/mounts\.0\.mountPath/));

test.each(['/data', '/home/user/shared', '/opt/x', '/workspaces'])('%j is free', (path) =>
  expect(at(path)).not.toThrow(),
);

test('sub-paths stay below', () => {
  expect(at('/data', { subPath: 'users/{owner}' })).not.toThrow();
  for (const subPath of ['../x', '/x', 'a/../../b', 'a:b', '$(HOME)', ''])
    expect(at('/data', { subPath })).toThrow(/subPath/);
});

test('names belong together', () => {
  expect(parse([], [{ name: 'a', mountPath: '/data' }])).toThrow('The mount “a” has no volume.');
  const twice = [
    { name: 'a', source: emptyDir },
    { name: 'a', source: emptyDir },
  ];
  expect(parse(twice, [])).toThrow('Two volumes have one name.');
  expect(() => parseExtraVolumes('{')).toThrow('no JSON');
});
