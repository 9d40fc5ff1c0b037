/**
 * The golden files of mounts are objects that Kubernetes reads: checked against its own schemas, in a pod that uses them. A schema
 * knows fields and types; that a driver takes the values is shown in a cluster only.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaFaults } from '../servers/kubeconform.ts';

interface Golden {
  objects: object[];
  volume: object;
  volumeMount: object;
  podAnnotations: Record<string, string>;
  serviceAccount: string;
}

const read = (file: string): Golden =>
  JSON.parse(readFileSync(new URL(`../../src/providers/${file}`, import.meta.url), 'utf8'));

function podOf({ volume, volumeMount, podAnnotations, serviceAccount }: Golden): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'an-environment', namespace: 'environments', annotations: podAnnotations },
    spec: {
      serviceAccountName: serviceAccount,
      containers: [{ name: 'environment', image: 'registry.example/terminal:1', volumeMounts: [volumeMount] }],
      volumes: [volume],
    },
  };
}

test.each(['gcp/mount.golden.json', 'aws/golden/mount-bucket.json', 'aws/golden/mount-prefix.json'])(
  '%s holds what Kubernetes reads',
  async (file) => {
    const golden = read(file);
    expect(await schemaFaults([...golden.objects, podOf(golden)])).toEqual([]);
  },
);

test('what Kubernetes does not read is found', async () => {
  const golden = read('gcp/mount.golden.json');
  const broken = [
    podOf({ ...golden, volume: { name: 'workspace', csi: { driver: 'x', bucketName: 'b' } } }),
    podOf({ ...golden, volume: { name: 'workspace', csi: { driver: 'x', volumeAttributes: { cache: 5 } } } }),
    podOf({ ...golden, volume: { name: 'workspace', csi: { readOnly: false } } }),
    podOf({ ...golden, volumeMount: { name: 'workspace' } }),
    { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { mountOptions: 'allow-delete' } },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: { volumename: 'v' } },
  ];
  expect(await schemaFaults(broken)).toHaveLength(broken.length);
});
