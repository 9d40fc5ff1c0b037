/**
 * Variables, files and credentials of an environment as Secrets: one a reader, so that the application never sees the keys of the
 * sync program. Contents get into no name, label, annotation or argument. Pure.
 */
import { AppError } from '../../domain/errors.ts';
import { homePathFault, variableFault } from '../../domain/secrets.ts';
import type { EnvironmentSpec, HomeFile } from '../../ports/spawner/spawner.ts';
import type { SyncAccess } from '../../ports/storage/storage.ts';
import type { KubeObject } from './kube-object.ts';
import { environmentNames } from './names.ts';

/** Of all values of one Secret together, before base64 (API server: MaxSecretSize). */
const MAX_SECRET_BYTES = 1024 * 1024;

/** Key of the gateway's secret in the variables' Secret. */
export const SECRET_KEY = 'CMBCLUSTER_SECRET';
/** Names the file of each key; read by the program that places them. */
export const FILE_LIST_KEY = 'list.json';

/** @throws invalid_argument for a variable that cannot be one, or that is the platform's */
export function variablesSecret(
  { id, env }: Pick<EnvironmentSpec, 'id' | 'env'>,
  { namespace, secret }: { namespace: string; secret: string },
): KubeObject {
  for (const [name, value] of Object.entries(env)) {
    const fault = variableFault(name, value);
    if (fault !== null)
      throw new AppError(
        'invalid_argument',
        `The variable “${name.slice(0, 128)}” cannot be given to an environment.`,
        {
          details: { field: 'env', fault },
        },
      );
  }
  const data = new Map(Object.entries(env).map(([name, value]) => [name, Buffer.from(value)]));
  return opaque(environmentNames(id).variables, {
    namespace,
    data: data.set(SECRET_KEY, Buffer.from(secret)),
    what: 'The variables of this environment',
  });
}

/** @throws invalid_argument for a path that leads out of the home, and when a Secret cannot hold them all */
export function filesSecret(
  { id, files }: { id: EnvironmentSpec['id']; files: readonly HomeFile[] },
  namespace: string,
): KubeObject {
  for (const { path } of files) {
    const fault = homePathFault(path);
    if (fault !== null)
      throw new AppError('invalid_argument', 'A file of your settings has a path that cannot be used.', {
        details: { field: 'files', fault },
      });
  }
  const keys = files.map((file, index) => ({ ...file, key: `file-${index}` }));
  const list = keys.map(({ path, key }) => ({ path, key }));
  const data = new Map<string, Uint8Array>(keys.map(({ key, content }) => [key, content]));
  return opaque(environmentNames(id).files, {
    namespace,
    data: data.set(FILE_LIST_KEY, Buffer.from(JSON.stringify(list))),
    what: 'The files of your settings and their paths',
  });
}

/** What opens the bucket to the sync program; empty where the pod's own identity does. */
export function syncSecret(id: EnvironmentSpec['id'], access: SyncAccess, namespace: string): KubeObject {
  const data = new Map(Object.entries(access.secrets).map(([name, value]) => [name, Buffer.from(value)]));
  return opaque(environmentNames(id).sync, { namespace, data, what: 'The credentials of the storage' });
}

function opaque(
  name: string,
  { namespace, data, what }: { namespace: string; data: ReadonlyMap<string, Uint8Array>; what: string },
): KubeObject {
  let bytes = 0;
  for (const content of data.values()) bytes += content.byteLength;
  if (bytes > MAX_SECRET_BYTES) {
    throw new AppError(
      'invalid_argument',
      `${what} take ${(bytes / MAX_SECRET_BYTES).toFixed(2)} MiB. A cluster carries 1 MiB of them: make some smaller, or keep them in the storage.`,
      { details: { bytes, max: MAX_SECRET_BYTES } },
    );
  }
  const encoded = [...data].map(([key, content]) => [key, Buffer.from(content).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'Opaque',
    data: Object.fromEntries(encoded),
  };
}
