'use client';
/**
 * Launching: from the form, or at once with the application's own defaults. A launch carries a key of its own, so that a double
 * click or a repeated call never starts a second environment; on success the environment's page opens and waits.
 */
import { useRouter } from 'next/navigation';
import { useCallback, useRef, useState } from 'react';
import { randomText } from '../../domain/ids.ts';
import { environmentHref } from '../environments/environment.ts';
import { latest } from '../environments/environment-state.ts';
import { type Inputs, type ShownError, shownError, trpc } from '../trpc-client.tsx';
import type { CatalogApplication } from './application.ts';
import { suggestName } from './launch-draft.ts';
import { type Allowance, fittingSize } from './launch-size.ts';

export type LaunchInput = Omit<Inputs['environments']['launch'], 'clientKey'>;

export interface Launching {
  launch: (input: LaunchInput) => Promise<void>;
  busy: boolean;
  error: ShownError | null;
}

export function useLaunch(): Launching {
  const router = useRouter();
  const utils = trpc.useUtils();
  const [clientKey] = useState(() => randomText(20));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ShownError | null>(null);
  const launch = useCallback(
    async (input: LaunchInput) => {
      setBusy(true);
      setError(null);
      try {
        const environment = await utils.client.environments.launch.mutate({ ...input, clientKey });
        const known = utils.applications.list.getData()?.find(({ id }) => id === environment.application.id);
        utils.environments.get.setData(
          { id: environment.id },
          // The live stream may have told more of it already.
          (old) => ({ ...latest(environment, old ?? {}), usualReadyMs: known?.usualReadyMs ?? null }),
        );
        // Stays busy: the page is about to change.
        router.push(`${environmentHref(environment.id)}?wait=1`);
      } catch (failed) {
        setError(shownError(failed));
        setBusy(false);
      }
    },
    [router, utils, clientKey],
  );
  return { launch, busy, error };
}

export interface QuickLaunch {
  start: (application: CatalogApplication, allowance: Allowance) => void;
  /** The application being launched. */
  busy: string | null;
  error: { applicationId: string; error: ShownError } | null;
}

/** One click: the application's own size (or the largest that fits), the automatic storage, the first free name. */
export function useQuickLaunch(): QuickLaunch {
  const router = useRouter();
  const utils = trpc.useUtils();
  const clientKeys = useRef(new Map<string, string>());
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<QuickLaunch['error']>(null);

  async function run(application: CatalogApplication, allowance: Allowance): Promise<void> {
    const { id, name } = application;
    const clientKey = clientKeys.current.get(id) ?? randomText(20);
    clientKeys.current.set(id, clientKey);
    setBusy(id);
    setError(null);
    try {
      const { environments } = await utils.environments.list.fetch({ limit: 200 });
      const environment = await utils.client.environments.launch.mutate({
        clientKey,
        applicationId: id,
        name: suggestName(
          name,
          environments.map((one) => one.name),
        ),
        size: fittingSize(allowance, application.defaultSize) ?? application.defaultSize,
        storage: { kind: 'automatic' },
      });
      clientKeys.current.delete(id);
      utils.environments.get.setData({ id: environment.id }, (old) => ({
        ...latest(environment, old ?? {}),
        usualReadyMs: application.usualReadyMs,
      }));
      router.push(`${environmentHref(environment.id)}?wait=1`);
    } catch (failed) {
      setError({ applicationId: id, error: shownError(failed) });
      setBusy(null);
    }
  }

  return { start: (application, allowance) => void (busy === null && run(application, allowance)), busy, error };
}
