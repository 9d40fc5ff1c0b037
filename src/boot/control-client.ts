/** Asks the server that holds a data folder: for a sign-in link, for a report. For commands on the same machine. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { OrphanReport } from '../services/storage/orphans.ts';
import { readServerRecord } from './data-folder.ts';

const TIMEOUT_MS = 5_000;
/** For what asks the clouds in turn. */
const SLOW_TIMEOUT_MS = 120_000;

/** Where this machine reaches a server that is bound to `address`. */
function hostOf(address = '127.0.0.1'): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return isIPv6(address) ? `[${address}]` : address;
}

/** @throws unavailable when no server answers; invalid_argument for a wrong e-mail */
export async function requestLink(dataDir: string, email: string | null): Promise<{ url: string; expiresAt: number }> {
  const body = (await askServer(dataDir, { route: 'link', body: { email } })) as { url?: string; expiresAt?: number };
  if (!body.url || !body.expiresAt) throw new AppError('unavailable', 'The server gave no link.');
  return { url: body.url, expiresAt: body.expiresAt };
}

/** What clouds and database disagree about, as the server sees it now. @throws unavailable when no server answers */
export async function requestOrphans(dataDir: string): Promise<OrphanReport> {
  return (await askServer(dataDir, { route: 'orphans', body: {}, timeoutMs: SLOW_TIMEOUT_MS })) as OrphanReport;
}

/** @throws unavailable when no server answers; what it answers instead */
async function askServer(
  dataDir: string,
  { route, body, timeoutMs = TIMEOUT_MS }: { route: string; body: object; timeoutMs?: number },
): Promise<unknown> {
  const record = readServerRecord(dataDir);
  if (!record)
    throw new AppError('unavailable', `No server is running with the data folder ${dataDir}. Start it with: npm start`);
  let response: Response;
  try {
    response = await fetch(`http://${hostOf(record.address)}:${record.port}/api/control/${route}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(join(dataDir, 'secrets', 'control-key'), 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `The server of ${dataDir} does not answer on port ${record.port}. If it has just started, try again; else start it with: npm start`,
      { cause },
    );
  }
  const answer = (await response.json().catch(() => ({}))) as { message?: string };
  if (response.ok) return answer;
  throw new AppError(
    response.status === 400 ? 'invalid_argument' : 'unavailable',
    answer.message ?? 'The server gave no answer that can be understood.',
  );
}
