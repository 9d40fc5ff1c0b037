/** Asks the server that holds a data folder for a sign-in link. For commands on the same machine. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import { readServerRecord } from './data-folder.ts';

const TIMEOUT_MS = 5_000;

/** Where this machine reaches a server that is bound to `address`. */
function hostOf(address = '127.0.0.1'): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return isIPv6(address) ? `[${address}]` : address;
}

/** @throws unavailable when no server answers; invalid_argument for a wrong e-mail */
export async function requestLink(dataDir: string, email: string | null): Promise<{ url: string; expiresAt: number }> {
  const record = readServerRecord(dataDir);
  if (!record)
    throw new AppError('unavailable', `No server is running with the data folder ${dataDir}. Start it with: npm start`);
  let response: Response;
  try {
    response = await fetch(`http://${hostOf(record.address)}:${record.port}/api/control/link`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(join(dataDir, 'secrets', 'control-key'), 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ email }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `The server of ${dataDir} does not answer on port ${record.port}. If it has just started, try again; else start it with: npm start`,
      { cause },
    );
  }
  const body = (await response.json().catch(() => ({}))) as { url?: string; expiresAt?: number; message?: string };
  if (!response.ok || !body.url || !body.expiresAt)
    throw new AppError(
      response.status === 400 ? 'invalid_argument' : 'unavailable',
      body.message ?? 'The server gave no link.',
    );
  return { url: body.url, expiresAt: body.expiresAt };
}
