/**
 * The one way from this folder to an API server: a request, and its answer as a stream. Who is asked and with which credentials is
 * the business of whoever makes the client; the reflector and the spawner see no more than this.
 */
import { AppError } from '../../domain/errors.ts';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its slash in front, such as /api/v1/pods. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Of the body; left out: application/json. */
  contentType?: string;
  signal: AbortSignal;
}

export interface ApiResponse {
  status: number;
  /** From the header Retry-After; null = it says none. */
  retryAfterMs: number | null;
  /** Must be read to its end, or the request's signal aborted. */
  body: AsyncIterable<Uint8Array>;
}

export interface ApiClient {
  /** Any status is an answer. @throws when there is none */
  request(request: ApiRequest): Promise<ApiResponse>;
}

/** The longest answer that is read whole: a page of a list, an object, a refusal. */
const MAX_BYTES = 64 * 1024 * 1024;

/** @throws unavailable when it is no JSON, or too long to be one of ours */
export async function readJson({ body }: ApiResponse): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new AppError('unavailable', 'The cluster’s answer is too long.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new AppError('unavailable', 'The cluster’s answer cannot be read.', { cause });
  }
}

/** Whole lines of a stream; what the last one lacks its end of is dropped. @throws unavailable for a line without end */
export async function* linesOf(body: AsyncIterable<Uint8Array>, maxChars: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let held = 0;
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      yield pieces.length === 0 ? line : pieces.join('') + line;
      pieces = [];
      held = 0;
    }
    pieces.push(rest);
    held += rest.length;
    if (held > maxChars) throw new AppError('unavailable', 'The cluster sent a line without end.');
  }
}
