/** A browser without a window: keeps cookies by origin, follows redirects, and signs in at the pages of test issuers. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text as readAll } from 'node:stream/consumers';

export interface Page {
  url: URL;
  status: number;
  text: string;
}

export interface Browser {
  /** Cookies by origin and name, as a person with the developer tools sees and changes them. */
  readonly jars: Map<string, Map<string, string>>;
  cookie(origin: string, name: string): string | undefined;
  /** Goes there and on to wherever redirects lead; the last page. `until`: stops before an address that begins so. */
  visit(url: string | URL, options?: Visit): Promise<Page>;
}

export interface Visit {
  form?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  until?: string;
}

const STEPS = 15;

/** Not `fetch`, which says of itself that it is no navigation. */
async function send(
  url: URL,
  { body, headers }: { body: URLSearchParams | null; headers: Readonly<Record<string, string>> },
): Promise<{ status: number; headers: IncomingHttpHeaders & { refresh?: string }; text: string }> {
  const form = body ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  const sent = request(url, { method: body ? 'POST' : 'GET', headers: { ...form, ...headers }, agent: false });
  sent.end(body?.toString());
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  if (!answer) throw new Error('no answer');
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: await readAll(answer) };
}

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string) => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  return {
    jars,
    cookie: (origin, name) => jars.get(origin)?.get(name),
    async visit(to, { form, headers, until } = {}) {
      let url = new URL(to);
      let body = form ? new URLSearchParams(form) : null;
      let from = url.origin;
      for (let step = 0; step < STEPS; step += 1) {
        if (until && url.href.startsWith(until)) return { url, status: 0, text: '' };
        const jar = jarOf(url.origin);
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await send(url, {
          body,
          headers: {
            ...(cookie ? { cookie } : {}),
            'sec-fetch-site': from === url.origin ? 'same-origin' : 'cross-site',
            'sec-fetch-mode': 'navigate',
            'sec-fetch-dest': 'document',
            ...headers,
          },
        });
        for (const line of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
          else jar.set(name, value);
        }
        const { status, text } = response;
        const location = response.headers.location ?? /^0;url=(.+)$/.exec(response.headers.refresh ?? '')?.[1];
        if (location === undefined) return { url, status, text };
        const next = new URL(location, url);
        // One foreign step makes the whole way cross-site (Fetch Metadata).
        if (next.origin !== url.origin) from = 'elsewhere';
        url = next;
        body = null;
      }
      throw new Error(`goes round in circles at ${url}`);
    },
  };
}

/** Presses the button of a provider at our sign-in page, and answers the issuer's page; where that leads. */
export async function signInWith(
  browser: Browser,
  order: {
    origin: string;
    provider: string;
    person: { email: string; password: string } | null;
    next?: string;
    linking?: boolean;
    until?: string;
  },
): Promise<Page> {
  const { origin, provider, person, next, linking, until } = order;
  const page = await browser.visit(`${origin}/api/auth/sign-in/${provider}`, {
    form: { ...(next === undefined ? {} : { next }), ...(linking ? { linking: 'yes' } : {}) },
    headers: { origin },
    ...(until ? { until } : {}),
  });
  if (!page.text.includes('name="password"')) return page;
  const form = person
    ? { email: person.email, password: person.password, answer: 'yes' }
    : { email: '', password: '', answer: 'no' };
  return browser.visit(page.url, { form, ...(until ? { until } : {}) });
}
