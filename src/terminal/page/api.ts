/** The JSON API of the server, as the page uses it. */
import type { TabInfo } from '../protocol.ts';
import { messages } from './messages.ts';

/** The server's own refusal, or `unreachable` when something else answered, or nothing. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch {
    throw new ApiError('offline', messages.offline);
  }
  if (!response.headers.get('content-type')?.startsWith('application/json'))
    throw new ApiError('unreachable', messages.offline);
  const value: unknown = await response.json();
  if (response.ok) return value;
  const { code, message } = value as { code?: unknown; message?: unknown };
  throw new ApiError(String(code ?? 'internal'), String(message ?? response.status));
}

export const api = {
  create: (options: { cols: number; rows: number; ifNone?: boolean }) =>
    call('POST', 'api/tabs', options) as Promise<TabInfo>,
  rename: (id: string, name: string) => call('PATCH', `api/tabs/${id}`, { name }),
  close: (id: string, force: boolean) => call('DELETE', `api/tabs/${id}${force ? '?force=1' : ''}`),
  status: () => call('GET', 'status'),
};
