/** Words of the sign-in page. */
export const signIn = {
  'signIn.title': 'Sign in to {deployment}',
  'signIn.page': 'Sign in',
  'signIn.already': 'You are signed in as {name}.',
  'signIn.continue': 'Continue',
  'signIn.link.intro': 'Paste the sign-in link from your terminal.',
  'signIn.link.label': 'Sign-in link',
  'signIn.link.submit': 'Sign in',
  'signIn.link.how': 'No link at hand? Get a new one in the project folder:',
  'signIn.link.malformed': 'This does not look like a sign-in link. Paste the whole line that begins with http.',
  'signIn.redeeming': 'Signing you in…',
  'signIn.expired.what': 'This link has expired',
  'signIn.expired.why': 'Sign-in links are valid for a short time only.',
  'signIn.invalid.what': 'This link does not work any more',
  'signIn.invalid.why':
    'Every link works exactly once. It was used already, was cut off on the way, or belongs to another server or data folder.',
  'signIn.newLink': 'Get a new link with the command below.',
  'signIn.unreachable.what': 'The server does not answer',
  'signIn.unreachable.why': 'It may have been stopped, or the network is down. Your link was not used.',
  'signIn.unreachable.now': 'Check that the server runs in your terminal, then try again.',
  'signIn.refused.what': 'The server refused to sign you in',
  'signIn.data': 'Signing in stores one cookie for your session. Nothing is sent anywhere else.',
} as const;
