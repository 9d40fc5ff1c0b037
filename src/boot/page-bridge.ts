/**
 * What the pages may ask of the process. Next's bundle is another module graph, so it reaches this through one global symbol and
 * sees plain data only.
 */

import { readCookie } from '../api/context.ts';
import { authenticate, NOWHERE, sessionCookieName } from '../services/auth/session.ts';
import { type Viewer, viewer } from '../services/profile/profile.ts';
import type { Container } from './container.ts';

export const PAGE_BRIDGE = 'cmbcluster.pages';

export interface PageBridge {
  deployment: {
    name: string;
    /** Several people share one account of a machine and are not isolated from one another: the app says so. */
    sharedAccount(): boolean;
    signIn: { name: string; label: string; mark: string | null; kind: 'link' | 'oidc' }[];
    /** Whom to ask who is not let in; null: nobody is named. */
    contact: string | null;
  };
  /** Who the request's cookie belongs to, after the gate; null when nobody is signed in. */
  viewer(cookieHeader: string | undefined): Promise<Viewer | null>;
}

export function installPageBridge({ deps, spawners }: Container): void {
  const spawner = spawners.find(({ name }) => name === deps.placement.spawner)?.spawner;
  const bridge: PageBridge = {
    deployment: {
      name: deps.deployment.name,
      sharedAccount: () => spawner?.capabilities.isolatesUsers === false && deps.people.countUsers() > 1,
      signIn: deps.identityProviders.map(({ name, label, mark = null, kind }) => ({ name, label, mark, kind })),
      contact: deps.deployment.contact,
    },
    async viewer(cookieHeader) {
      const actor = await authenticate(
        deps,
        readCookie(cookieHeader, sessionCookieName(deps.deployment.secure)),
        NOWHERE,
      );
      await deps.db.gate();
      return actor && viewer(deps, actor);
    },
  };
  Object.assign(globalThis, { [Symbol.for(PAGE_BRIDGE)]: bridge });
}
