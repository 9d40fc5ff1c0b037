/** An attacker's tools: requests as no browser would send them, and answers as they came over the wire. */
import { request } from 'node:http';
import { connect } from 'node:net';

export interface Ask {
  method?: string;
  path: string;
  cookie?: string;
  /** Added to what a page of the app itself would send; `undefined` leaves one of those out. */
  headers?: Record<string, string | undefined>;
  body?: string | Buffer;
  /** For answers that do not end: cut once this has come. */
  until?: RegExp;
}

export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  /** Fields and values in turn, as sent. */
  rawHeaders: string[];
  body: string;
}

/** One request to the app's own host, unless `host` says otherwise. @throws what the socket threw when no answer came */
export function send(port: number, ask: Ask): Promise<Answer> {
  const { method = 'GET', path, cookie, body, until } = ask;
  const fields: Record<string, string | undefined> = {
    host: `localhost:${port}`,
    'sec-fetch-site': 'same-origin',
    cookie,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...ask.headers,
  };
  const headers = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      const done = () => {
        const { statusCode = 0, headers, rawHeaders } = res;
        resolve({ status: statusCode, headers, rawHeaders, body: Buffer.concat(chunks).toString() });
      };
      res.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!until?.test(Buffer.concat(chunks).toString())) return;
        done();
        req.destroy();
      });
      res.on('end', done);
      res.on('error', (error) => (until ? done() : reject(error)));
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Bytes as they are; everything that came until the server closed, or said nothing more for `quietMs`. */
export function sendBytes(port: number, bytes: string, quietMs = 300): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let text = '';
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(quietMs, done);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', done);
    socket.on('error', done);
    socket.write(bytes, 'latin1');
  });
}

/** How many answers are in what came over one connection. */
export const answersIn = (text: string): number => text.match(/^HTTP\/1\.1 \d{3}/gm)?.length ?? 0;

export const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);

/** What two answers may differ in without telling anything. */
export function comparable({ status, rawHeaders, body }: Answer): string {
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    // The time, and how much the caller may still ask.
    if (!/^(date|(x-)?ratelimit.*)$/i.test(name)) fields.push(`${name}: ${value.replace(/'nonce-[^']*'/, "'nonce'")}`);
  }
  const plain = body.replace(/"correlationId":"[^"]*"/g, '"correlationId":""').replace(/"at":\d+/g, '"at":0');
  return [status, ...fields, '', plain].join('\n');
}

/** The value of a cookie that an answer sets, or null. */
export function cookieSet(answer: Answer, name: string): string | null {
  const lines = [answer.headers['set-cookie'] ?? []].flat();
  const line = lines.find((one) => one.startsWith(`${name}=`));
  return line === undefined ? null : (/=([^;]*)/.exec(line)?.[1] ?? '');
}
