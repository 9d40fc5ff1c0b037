/**
 * The golden files of environments are objects that Kubernetes reads: checked against its own schemas, every field that it does not
 * know included. What its admission says of them is shown on a real API server only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaFaults } from '../servers/kubeconform.ts';

const folder = new URL('../../src/providers/kubernetes/golden/', import.meta.url);
const read = (name: string): { kind: string; spec?: object }[] =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

test.each(readdirSync(folder))('%s holds what Kubernetes reads', async (name) => {
  expect(await schemaFaults(read(name))).toEqual([]);
});

test('what Kubernetes does not read is found in each kind', async () => {
  const objects = read('shared-sync.json').filter(({ spec }) => spec !== undefined);
  expect(objects.length).toBeGreaterThan(2);
  const broken = objects.map((object) => ({ ...object, spec: { ...object.spec, unknownField: 1 } }));
  expect(await schemaFaults(broken)).toHaveLength(broken.length);
});
