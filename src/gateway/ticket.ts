/**
 * The way in: `/.cmbcluster/enter?ticket=…&to=/path` turns a one-time ticket into cookies, `/.cmbcluster/entered?to=/path` sees
 * whether the browser kept them before it goes on. Without that second step a browser that refuses cookies would be sent
 * between sign-in and environment for ever.
 */
export type TicketStep = { step: 'enter'; ticket: string; to: string } | { step: 'entered'; to: string };

const MAX_TICKET = 2048;
const MAX_PATH = 4096;

/** The step that a target under the reserved prefix asks for, or null if it is none. */
export function ticketStep(url: string): TicketStep | null {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  const to = safePath(query.get('to'));
  if (path === '/.cmbcluster/entered') return { step: 'entered', to };
  if (path !== '/.cmbcluster/enter') return null;
  const ticket = query.get('ticket') ?? '';
  return { step: 'enter', ticket: ticket.length > MAX_TICKET ? '' : ticket, to };
}

export function enteredPath(to: string): string {
  return `/.cmbcluster/entered?to=${encodeURIComponent(to)}`;
}

/**
 * The path (with query and fragment) that a redirect may lead to without ever leaving the origin, in ASCII; `/` for anything
 * that a browser could read as another host (`//host`, backslashes, control characters, a scheme) or that leads back here.
 */
export function safePath(to: string | null): string {
  if (to === null || to.length > MAX_PATH || !/^\/(?![/\\])/.test(to) || /[\u0000-\u001f\u007f\\]/.test(to)) return '/';
  if (!URL.canParse(to, 'http://environment.invalid')) return '/';
  const url = new URL(to, 'http://environment.invalid');
  const path = url.pathname + url.search + url.hash;
  // Dot segments may have brought a double slash to the front.
  if (url.host !== 'environment.invalid' || path.startsWith('//') || url.pathname.startsWith('/.cmbcluster'))
    return '/';
  return path;
}
