import { describe, expect, it } from 'vitest';
import { chooseSignIn, type SignInOption } from './sign-in.ts';

const ORDERS = { oidc: 30, google: 10, local: null, cognito: 20, aws: null, gcp: null, memory: null } as const;
const options = (configured: readonly string[]): SignInOption[] =>
  Object.entries(ORDERS).map(([name, autoOrder]) => ({ name, autoOrder, configured: configured.includes(name) }));

/** What is configured, then what `auto` makes of it. */
const AUTOMATIC: [configured: string[], chosen: string[]][] = [
  [['google'], ['google']],
  [['cognito'], ['cognito']],
  [['oidc'], ['oidc']],
  [
    ['google', 'cognito'],
    ['google', 'cognito'],
  ],
  [
    ['cognito', 'oidc'],
    ['cognito', 'oidc'],
  ],
  [
    ['oidc', 'google'],
    ['google', 'oidc'],
  ],
  [
    ['oidc', 'cognito', 'google'],
    ['google', 'cognito', 'oidc'],
  ],
];
const CLOUD_DEFAULTS = ['google', 'cognito', 'local', 'memory', null];
const NAMED = [
  ['google'],
  ['cognito'],
  ['oidc'],
  ['local'],
  ['google', 'cognito'],
  ['cognito', 'google'],
  ['oidc', 'local'],
  ['local', 'google', 'cognito', 'oidc'],
];

describe('the choice of sign-in providers', () => {
  for (const cloudDefault of CLOUD_DEFAULTS) {
    describe(`on a cloud whose own is ${cloudDefault}`, () => {
      it.each(NAMED)('what is named wins, in its order: %s %s %s %s', (...names) => {
        const named = names.filter((name) => name !== undefined);
        for (const [configured] of [...AUTOMATIC, [[], []]]) {
          expect(chooseSignIn({ named, options: options(configured), cloudDefault })).toEqual(named);
        }
      });

      it.each(AUTOMATIC)('auto, %j configured: %j', (configured, chosen) => {
        expect(chooseSignIn({ named: ['auto'], options: options(configured), cloudDefault })).toEqual(chosen);
        expect(chooseSignIn({ named: [], options: options(configured), cloudDefault })).toEqual(chosen);
      });

      it('auto, nothing configured: the cloud’s own', () => {
        const chosen = chooseSignIn({ named: ['auto'], options: options([]), cloudDefault });
        expect(chosen).toEqual(cloudDefault === null ? [] : [cloudDefault]);
      });
    });
  }

  it('a name that is given twice counts once', () => {
    const named = ['cognito', 'google', 'cognito'];
    expect(chooseSignIn({ named, options: [], cloudDefault: null })).toEqual(['cognito', 'google']);
  });

  it('what is never chosen by itself stays out, whatever its variables say', () => {
    expect(chooseSignIn({ named: [], options: options(['local', 'aws']), cloudDefault: 'google' })).toEqual(['google']);
  });
});
