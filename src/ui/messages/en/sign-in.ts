/** Words of the sign-in page. */
export const signIn = {
  'signIn.title': 'Sign in to {deployment}',
  'signIn.link.intro': 'Paste the sign-in link from your terminal.',
  'signIn.link.label': 'Sign-in link',
  'signIn.link.submit': 'Sign in',
  'signIn.link.how': 'No link at hand? Get a new one in the project folder:',
  'signIn.link.note': 'A link works once and for a short time. Opening it in this browser signs you in by itself.',
  'signIn.link.malformed': 'This does not look like a sign-in link. Paste the whole line that begins with http.',
  'signIn.redeeming': 'Signing you in…',
  'signIn.used.what': 'This link has been used',
  'signIn.used.why':
    'Every sign-in link works exactly once. If it was not you who used it, sign out everywhere in Settings after signing in.',
  'signIn.expired.what': 'This link has expired',
  'signIn.expired.why': 'Sign-in links are valid for a short time only.',
  'signIn.unknown.what': 'This link is not known here',
  'signIn.unknown.why': 'It was cut off or changed on the way, or it belongs to another server or data folder.',
  'signIn.newLink': 'Get a new link with the command below and paste it here.',
  'signIn.unreachable.what': 'The server does not answer',
  'signIn.unreachable.why': 'It may have been stopped, or the network is down. Your link was not used.',
  'signIn.unreachable.now': 'Check that the server runs in your terminal, then try again.',
  'signIn.refused.what': 'The server refused to sign you in',
  'signIn.data': 'Signing in stores one cookie for your session. Nothing is sent anywhere else.',
} as const;
