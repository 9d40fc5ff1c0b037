/** Signing in, and several people on one server. */
import type { HelpTopic } from '../topic.ts';

export const people: readonly HelpTopic[] = [
  {
    slug: 'sign-in',
    title: 'Sign-in links',
    summary: 'How to get a new link, and why an old one does not work.',
    keywords: ['login', 'link', 'expired', 'password', 'session', 'sign out', 'invite'],
    blocks: [
      {
        kind: 'text',
        text: 'The embedded default has no passwords. The server prints a link in its terminal; opening it signs you in on this browser. A link works once and only for a short time.',
      },
      { kind: 'heading', text: 'A new link for yourself' },
      { kind: 'text', text: 'In the project folder, while the server runs:' },
      { kind: 'command', command: 'npm start -- link' },
      { kind: 'heading', text: 'A link for someone else' },
      { kind: 'text', text: 'Each person gets an account of their own, with their own environments and buckets:' },
      { kind: 'command', command: 'npm start -- link --user ada@example.org' },
      {
        kind: 'note',
        text: 'Whoever has the link becomes that person. Send it over a channel you trust. Under Settings you see all your sessions and can end them.',
      },
    ],
    related: ['people'],
  },
  {
    slug: 'people',
    title: 'Several people on one server',
    summary: 'What separates local users from one another, and what does not.',
    keywords: ['isolation', 'security', 'share', 'users', 'local', 'multi-user', 'network'],
    blocks: [
      {
        kind: 'text',
        text: 'The application keeps people apart: nobody sees or opens the environments, buckets or logs of another person through it.',
      },
      {
        kind: 'text',
        text: 'On the embedded default, however, all environments run under the **same account of the machine**. A program in one environment can read what that account can read, the buckets of other people included. Share such a server only with people whom you would give that account.',
      },
      {
        kind: 'text',
        text: 'For the same reason the server answers only on the machine itself. Serving other machines must be allowed explicitly in its configuration.',
      },
    ],
    related: ['sign-in', 'limits'],
  },
];
