/** The sign-in page of a test issuer: asks for e-mail and password, tells a wrong one, and takes a “no”. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Provider } from 'oidc-provider';
import type { Person } from './issuer-state.ts';

function page(title: string, fault: string): string {
  return `<!doctype html><html lang="en"><title>Sign in with ${title}</title><body><h1>Sign in with ${title}</h1>
<p role="alert">${fault}</p><form method="post">
<label>E-mail <input name="email" type="email" autocomplete="off"></label>
<label>Password <input name="password" type="password" autocomplete="off"></label>
<button name="answer" value="yes">Continue</button> <button name="answer" value="no">Cancel</button></form></body></html>`;
}

export async function serveSignInPage(order: {
  request: IncomingMessage;
  response: ServerResponse;
  provider: Provider;
  people: readonly Person[];
  title: string;
}): Promise<void> {
  const { request, response, provider, people, title } = order;
  const show = (status: number, fault = '') => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page(title, fault));
  };
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return show(200);
  const form = new URLSearchParams(await text(request));
  if (form.get('answer') === 'no') {
    const error_description = 'The person said no.';
    return provider.interactionFinished(request, response, { error: 'access_denied', error_description });
  }
  const person = people.find(({ email, password }) => email === form.get('email') && password === form.get('password'));
  if (!person) return show(401, 'Wrong e-mail or password.');
  return provider.interactionFinished(request, response, { login: { accountId: person.subject }, select_account: {} });
}
