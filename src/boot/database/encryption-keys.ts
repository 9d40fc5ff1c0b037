/**
 * The ring of the log's encryption keys, derived from the configured secrets (HKDF-SHA256, RFC 5869) for this purpose alone. The
 * number by which an object names its key is derived too, so that it depends on the secret, never on its place in the list.
 */
import { hkdfSync } from 'node:crypto';
import type { EncryptionKey } from '../../../prisma-free-db/replication/codec.ts';

/** @param secrets newest first: the first one encrypts, all decrypt */
export function encryptionKeys(secrets: readonly string[]): EncryptionKey[] {
  return secrets.map((secret) => {
    const derive = (purpose: string, bytes: number) =>
      Buffer.from(hkdfSync('sha256', secret, 'cmbcluster', purpose, bytes));
    // 0 says that an object is not encrypted.
    return { id: derive('database log id', 4).readUInt32LE() || 1, secret: derive('database log', 32) };
  });
}
