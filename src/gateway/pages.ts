/**
 * What the gateway itself says: status pages for people, one line of text for programs. Self-contained (no script, font or
 * image to load), under 10 KB, and never a word of an environment to anyone who may not use it.
 */
import { createHash } from 'node:crypto';
import type { LaunchStep, Phase } from '../domain/environment.ts';
import type { Route } from '../domain/gateway.ts';
import { STRICT_TRANSPORT } from './headers.ts';
import { markSvg } from './mark.ts';
import type { Failure } from './proxy.ts';

export type Reason =
  | Exclude<Phase, 'running'>
  | Failure
  | 'unknown'
  | 'unauthenticated'
  | 'forbidden'
  | 'foreign_origin'
  | 'bad_request'
  | 'too_many_headers'
  | 'ticket_invalid'
  | 'cookies_refused'
  | 'unavailable'
  | 'internal';

export interface Refusal {
  reason: Reason;
  /** Only for a sender who may use it; or, with `ticket_invalid`, for the way back to sign-in, which shows its id only. */
  route: Route | null;
}

export interface Answer {
  status: number;
  /** Flat list of fields. */
  fields: string[];
  body: string;
}

type Tone = 'wait' | 'still' | 'bad';

interface Wording {
  status: number;
  tone: Tone;
  word: string;
  title: string;
  text: string;
  /** Seconds until the page asks again by itself; it shows the environment once that is up. */
  again: number | null;
  action: { label: string; href: string } | null;
}

const STEP_NAMES: Readonly<Record<LaunchStep, string>> = {
  accepted: 'Accepted',
  storage: 'Storage ready',
  placed: 'Placed',
  image: 'Image',
  mounted: 'Mounted',
  started: 'Started',
  ready: 'Ready',
};

/** Drawn, not typed: fonts do not agree on which symbols they have. */
const ICONS: Readonly<Record<Tone, string>> = {
  wait: icon('<circle cx="8" cy="8" r="6.25"/><path d="M8 4.5V8l2.5 1.5"/>'),
  still: icon('<circle cx="8" cy="8" r="6.25"/><path d="M6.5 6v4M9.5 6v4"/>'),
  bad: icon('<circle cx="8" cy="8" r="6.25"/><path d="M8 4.75v4M8 11v.25"/>'),
};

function icon(shape: string): string {
  return `<svg class="icon" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true">${shape}</svg>`;
}

/** Colours as in app/globals.css: status hues on neutral greys with a hint of blue, contrast at least 4.5 (7 for the text), both themes. */
const STYLE = `:root{color-scheme:light dark;--bg:#f7f8fa;--card:#fff;--line:#e1e5ec;--text:#141a24;--soft:#465062;--accent:#2347b5;--on:#fff;--wait:#0d618f;--bad:#a8241c}
@media(prefers-color-scheme:dark){:root{--bg:#0b0f15;--card:#11161e;--line:#242c38;--text:#e9edf4;--soft:#b3bdcc;--accent:#86aaff;--on:#0a1430;--wait:#6fbff0;--bad:#ff968c}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--text);font:14px/1.55 "Inter Variable",Inter,system-ui,-apple-system,"Segoe UI",sans-serif}
main{width:100%;max-width:480px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:28px}
.mark{display:block;margin-bottom:20px}.state{display:flex;align-items:center;gap:6px;margin:0 0 6px;font-size:12px;font-weight:600;color:var(--soft)}.wait .state{color:var(--wait)}.bad .state{color:var(--bad)}
h1{margin:0 0 8px;font-size:20px;line-height:1.3;font-weight:600;overflow-wrap:anywhere}p{margin:0 0 12px;color:var(--soft);overflow-wrap:anywhere}
ol{list-style:none;margin:16px 0;padding:0;border-left:2px solid var(--line)}li{padding:3px 0 3px 14px;display:flex;justify-content:space-between;gap:16px;color:var(--soft)}li[aria-current]{color:var(--text);font-weight:600}
time{font-variant-numeric:tabular-nums}a.go{display:inline-flex;align-items:center;min-height:44px;padding:0 16px;margin-top:8px;border-radius:8px;background:var(--accent);color:var(--on);font-weight:600;text-decoration:none}a.go:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.foot{margin:16px 0 0;font-size:12px}`;

export interface Pages {
  /** @param html whether a person reads it; otherwise one line of text. @param path where the reader wanted to go. */
  answer(refusal: Refusal, html: boolean, path: string): Answer;
}

export function createPages(appOrigin: string): Pages {
  const mark = markSvg();
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' ${appOrigin}`;
  const common = [
    'Cache-Control',
    'no-store',
    'Referrer-Policy',
    'no-referrer',
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    policy,
    ...(appOrigin.startsWith('https:') ? STRICT_TRANSPORT : []),
  ];

  function answer({ reason, route }: Refusal, html: boolean, path: string): Answer {
    const words = wording(reason, route, appOrigin, path);
    const fields = ['Content-Type', html ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8', ...common];
    if (reason === 'pending' || reason === 'starting' || reason === 'unavailable') fields.push('Retry-After', '2');
    if (words.status === 401) fields.push('WWW-Authenticate', `CMBCluster origin="${appOrigin}"`);
    // A field rather than a meta element: the same to a browser, and no change of context declared in the document.
    if (html && words.again !== null) fields.push('Refresh', String(words.again));
    const body = html
      ? page(words, reason, route, mark)
      : `${words.word}: ${words.text}${words.action === null ? '' : ` ${words.action.href}`}\n`;
    fields.push('Content-Length', String(Buffer.byteLength(body)));
    return { status: words.status, fields, body };
  }

  return { answer };
}

function wording(reason: Reason, route: Route | null, appOrigin: string, path: string): Wording {
  const name = route?.name ?? 'This environment';
  const detail = route === null ? null : `${appOrigin}/environments/${route.environmentId}`;
  const toDetail = (label: string): Wording['action'] => (detail === null ? null : { label, href: detail });
  const home = { label: 'See your environments', href: `${appOrigin}/environments` };
  const reopen =
    route === null
      ? home
      : { label: 'Open it again', href: `${appOrigin}/open/${route.environmentId}?to=${encodeURIComponent(path)}` };
  const make = (status: number, tone: Tone, word: string, title: string, text: string): Wording => ({
    status,
    tone,
    word,
    title,
    text,
    again: null,
    action: null,
  });

  switch (reason) {
    case 'pending':
    case 'starting':
      return {
        ...make(503, 'wait', 'Starting', `${name} is starting`, 'This page opens it as soon as it is ready.'),
        again: 1,
        action: toDetail('Show details'),
      };
    case 'stopping':
      return {
        ...make(
          503,
          'wait',
          'Stopping',
          `${name} is stopping`,
          'Your files are kept. You can start it again in a moment.',
        ),
        again: 3,
        action: toDetail('Go to the environment'),
      };
    case 'stopped':
      return {
        ...make(
          503,
          'still',
          'Stopped',
          `${name} is stopped`,
          'Your files are kept. Start it, and this page opens it by itself.',
        ),
        again: 5,
        action: toDetail('Start it'),
      };
    case 'failed': {
      const why = route?.failureMessage ?? 'It ended unexpectedly.';
      return {
        ...make(503, 'bad', 'Failed', `${name} has failed`, why),
        again: 10,
        action: toDetail('See what helps'),
      };
    }
    case 'unreachable':
    case 'connect_timeout':
      return {
        ...make(
          502,
          'bad',
          'No answer',
          `${name} does not answer`,
          'It is running, but nothing accepts connections in it right now. It may still be starting up or have ended a moment ago. This page tries again by itself.',
        ),
        again: 5,
        action: toDetail('See its log'),
      };
    case 'broken':
      return {
        ...make(
          502,
          'bad',
          'Broken answer',
          `${name} broke off`,
          'The application in it closed the connection or sent something that is not a valid answer. Reload to try again; its log may say why.',
        ),
        action: toDetail('See its log'),
      };
    case 'answer_timeout':
      return {
        ...make(
          504,
          'bad',
          'No answer',
          `${name} took too long`,
          'The application in it accepted the request but has not answered. It may be busy; its log may say why.',
        ),
        action: toDetail('See its log'),
      };
    case 'upload_timeout':
      return make(
        408,
        'bad',
        'Upload stalled',
        'The upload stopped arriving',
        'No more of it came for a while, so it was given up. Try again.',
      );
    case 'unknown':
      return {
        ...make(
          404,
          'still',
          'Not found',
          'There is no environment here',
          'The address may be mistyped, or the environment was deleted.',
        ),
        action: home,
      };
    case 'unauthenticated':
      return {
        ...make(
          401,
          'still',
          'Not signed in',
          'Sign in to use this environment',
          'Open it from the application, which signs you in here.',
        ),
        action: home,
      };
    case 'forbidden':
      return {
        ...make(
          403,
          'still',
          'No access',
          'You cannot use this environment',
          'Your access has ended, or it was never shared with you. Open it from the application if you think it should work.',
        ),
        action: home,
      };
    case 'foreign_origin':
      return make(
        403,
        'bad',
        'Refused',
        'Another site asked for this',
        'A page of another origin sent this request, so it was not passed on.',
      );
    case 'bad_request':
      return make(
        400,
        'bad',
        'Bad request',
        'This request is not well formed',
        'Its host, target or body is ambiguous, so it was not passed on.',
      );
    case 'too_many_headers':
      return make(431, 'bad', 'Bad request', 'This request has too many header fields', 'Send fewer of them.');
    case 'ticket_invalid':
      return {
        ...make(
          403,
          'still',
          'Link used up',
          'This link no longer works',
          'Each one opens an environment once and for a short time only.',
        ),
        action: reopen,
      };
    case 'cookies_refused':
      return {
        ...make(
          403,
          'bad',
          'No cookie',
          'Your browser did not keep the cookie',
          'An environment needs one cookie of its own. Allow cookies for this address; if it is shown inside another page, open it in a tab of its own.',
        ),
        action: { ...reopen, label: 'Open it in its own tab' },
      };
    case 'unavailable':
      return {
        ...make(
          503,
          'wait',
          'Waiting',
          'Back in a few seconds',
          'Nobody can say at this moment whether you may open this. The environment goes on running.',
        ),
        again: 3,
      };
    case 'internal':
      return make(
        500,
        'bad',
        'Error',
        'Something went wrong here',
        'The log of the server holds the details. Try again.',
      );
  }
}

function page(words: Wording, reason: Reason, route: Route | null, mark: string): string {
  const steps =
    route !== null && (reason === 'pending' || reason === 'starting' || reason === 'failed') ? timeline(route) : '';
  const what = steps === '' || route === null ? '' : `<p>${escapeHtml(route.applicationName)}</p>`;
  const go =
    words.action === null
      ? ''
      : `<a class="go" href="${escapeHtml(words.action.href)}" target="_top">${escapeHtml(words.action.label)}</a>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escapeHtml(words.title)} · CMBCluster</title><style>${STYLE}</style></head><body><main class="${words.tone}">${mark}<p class="state">${ICONS[words.tone]}${escapeHtml(words.word)}</p><h1>${escapeHtml(words.title)}</h1>${what}<p>${escapeHtml(words.text)}</p>${steps}${go}${words.again === null ? '' : '<p class="foot">This page looks again by itself.</p>'}</main></body></html>`;
}

/** The steps reached, each with the seconds since the first; the last one is the current one. */
function timeline({ steps }: Route): string {
  const start = steps[0]?.at;
  if (start === undefined) return '';
  const items = steps.map(({ step, at }, index) => {
    const current = index === steps.length - 1 ? ' aria-current="step"' : '';
    return `<li${current}><span>${STEP_NAMES[step]}</span><time>${((at - start) / 1000).toFixed(1)} s</time></li>`;
  });
  return `<ol>${items.join('')}</ol>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
