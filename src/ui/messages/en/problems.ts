/** What to say when a call failed, by what kind of failure it was. */
export const problems = {
  'problems.now.retryable': 'Try again in a moment.',
  'problems.now.offline': 'Check that the server runs and that this device is online, then try again.',
  'problems.now.internal': 'Try again. If it keeps failing, copy the details for whoever runs this server.',
  'problems.forbidden': 'You have no access to this',
} as const;
