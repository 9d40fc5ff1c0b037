/**
 * The sign-in providers of a deployment, found by what providers say of themselves. A configuration that names one of them by
 * mistake, or two for the same accounts, stops the start.
 */
import { AppError } from '../domain/errors.ts';
import { AUTOMATIC, chooseSignIn } from '../domain/sign-in.ts';
import type { IdentityProvider } from '../ports/identity/identity.ts';
import type { Provider } from '../ports/provider.ts';
import { loadProvider, providerNames } from '../providers/registry.ts';
import { ConfigError, type Env } from './config.ts';

const signsIn = ({ name, autoOrder, defaultIdentity }: Provider): boolean =>
  autoOrder !== null || defaultIdentity === name;

/**
 * Names in the order of their buttons. Every provider is loaded and asked only when AUTH_PROVIDER leaves the choice.
 * @throws invalid_argument when a named provider does not exist or signs nobody in
 */
export async function signInNames(
  { named, cloudProvider }: { named: readonly string[]; cloudProvider: string },
  env: Env,
): Promise<string[]> {
  if (named.some((name) => name !== AUTOMATIC)) {
    const names = chooseSignIn({ named, options: [], cloudDefault: null });
    for (const name of names) {
      if (signsIn(await loadProvider(name))) continue;
      const all = await Promise.all(providerNames().map((other) => loadProvider(other)));
      const known = all.filter(signsIn).map((other) => other.name);
      throw new AppError('invalid_argument', `“${name}” signs nobody in. Those that do: ${known.join(', ')}.`);
    }
    return names;
  }
  const cloud = await loadProvider(cloudProvider);
  const options = await Promise.all(
    providerNames().map(async (name) => {
      const provider = await loadProvider(name);
      return { name, configured: provider.configured(env), autoOrder: provider.autoOrder };
    }),
  );
  return chooseSignIn({ named, options, cloudDefault: cloud.defaultIdentity });
}

/** Tokens are told apart by their issuer alone. @throws ConfigError when two providers vouch for the same one */
export function checkIssuers(providers: readonly IdentityProvider[]): void {
  for (const [i, provider] of providers.entries()) {
    for (const other of providers.slice(i + 1)) {
      const shared = provider.issuers.find((issuer) => other.issuers.includes(issuer));
      if (shared === undefined) continue;
      const message = `${provider.name} and ${other.name} are the same issuer, ${shared}: leave one of them out.`;
      throw new ConfigError([{ variable: 'AUTH_PROVIDER', message }]);
    }
  }
}
