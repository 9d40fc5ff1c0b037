/** The S3 provider against the specification of storage, on versitygw. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { StorageUnderTest } from '../../src/ports/storage/conformance/spec.ts';
import { storageConformance } from '../../src/ports/storage/conformance/suite.ts';
import { startDamagingProxy } from '../servers/damaging-proxy.ts';
import { openS3 } from '../servers/s3-storage.ts';
import { ROOT_CREDENTIALS, startVersitygw } from '../servers/versitygw.ts';

/** Behind the server's back; its checksum stays what it was. */
function flipStored(path: string): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  const at = fstatSync(file).size - 1;
  readSync(file, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

const MISSING = 'A conditional delete of what is not there succeeds.';
const MARKER = '“If-None-Match: *” is refused where a file was deleted.';
const GHOST = 'Folders still show, and cannot be removed, while deleted files in them are kept.';

/** With and without versions. */
const FAULTS = {
  'conditions: delete with ifVersion removes that version only; without, it is idempotent': MISSING,
  'copy and move: of racing moves of one object one wins': MISSING,
};

const FAULTS_OF_VERSIONS = {
  ...FAULTS,
  'conditions: ifAbsent creates once': MARKER,
  'history: a deleted content is kept and comes back with its description': MARKER,
  'uploads: completing obeys its condition, and the upload stays': MARKER,
  'folders: are removed with all they hold when asked': GHOST,
  'folders: are moved with all they hold': GHOST,
  'history: what a folder held is kept when it is removed': GHOST,
  'history: is listed by prefix in key order, at any page size':
    'The second page of a list of versions is the first one again when a key goes on.',
};

async function open(variables: Record<string, string>): Promise<StorageUnderTest> {
  const server = await startVersitygw();
  const proxy = await startDamagingProxy(server);
  const provider = await openS3(proxy.url, ROOT_CREDENTIALS, variables);
  return {
    provider,
    another: () => openS3(proxy.url, ROOT_CREDENTIALS, variables),
    constantMemory: true,
    damage: {
      stored: async (bucket, key) => flipStored(join(server.folder, 'data', bucket, key)),
      uploads: proxy.uploads,
      downloads: proxy.downloads,
    },
    async cleanup() {
      await proxy.close();
      await server.stop();
    },
  };
}

storageConformance({
  name: 'S3 (versitygw)',
  timeLimitMs: 60_000,
  resultsFile: '.cache/parity/s3-versitygw.json',
  faults: FAULTS_OF_VERSIONS,
  open: () => open({}),
});

/** What the server gets wrong with versions it gets right without. */
storageConformance({
  name: 'S3 without versions (versitygw)',
  timeLimitMs: 60_000,
  faults: FAULTS,
  open: () => open({ S3_LACKS: 'versioning,copyIfMatch,nesting' }),
});
