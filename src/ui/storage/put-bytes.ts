/** One PUT with progress. XMLHttpRequest, because fetch reports no upload progress. Browser only. */
import type { PutAnswer } from './upload-retry.ts';

export interface PutRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Nothing moved for so long: given up as if no answer came. Null = waits for as long as it takes. */
  silenceMs: number | null;
}

interface PutOptions {
  signal: AbortSignal;
  onProgress: (sentBytes: number) => void;
}

/** Never rejects: an ended signal is an answer that did not come. */
export type Put = (request: PutRequest, body: Blob, options: PutOptions) => Promise<PutAnswer>;

/** The browser sets these itself and complains about anyone else who tries. */
const BROWSERS_OWN: ReadonlySet<string> = new Set(['host', 'content-length']);

export const putBytes: Put = (request, body, { signal, onProgress }) =>
  new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(silence);
      if (request.silenceMs !== null) silence = setTimeout(abort, request.silenceMs);
    };
    const abort = () => xhr.abort();
    const end = (answer: PutAnswer) => {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    const none = () => end({ status: 0, body: '', retryAfter: null });
    if (signal.aborted) return none();
    signal.addEventListener('abort', abort, { once: true });
    xhr.upload.onprogress = ({ loaded }) => {
      alive();
      onProgress(loaded);
    };
    xhr.onload = () => end({ status: xhr.status, body: xhr.responseText, retryAfter: headerOf(xhr, 'retry-after') });
    xhr.onabort = none;
    xhr.onerror = none;
    xhr.open('PUT', request.url);
    for (const [name, value] of Object.entries(request.headers))
      if (!BROWSERS_OWN.has(name.toLowerCase())) xhr.setRequestHeader(name, value);
    alive();
    xhr.send(body);
  });

/** From all of them: asking for one that another origin does not show is a console error. */
function headerOf(xhr: XMLHttpRequest, name: string): string | null {
  const line = xhr
    .getAllResponseHeaders()
    .split('\r\n')
    .find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trim();
}
