'use client';
/**
 * What one can do to an environment. Each changes the screens at once; when the server refuses, they go back to what was and
 * a message says why. Every action answers null when it was accepted, else what went wrong.
 */
import { useQueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { useMemo } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { type ShownError, shownError, trpc } from '../trpc-client.tsx';
import type { Environment, EnvironmentList } from './environment.ts';
import { latest } from './environment-state.ts';

type Answer = Promise<ShownError | null>;

export interface EnvironmentActions {
  start: (environment: Environment) => Answer;
  /** Also cancels a start that is under way. */
  stop: (environment: Environment) => Answer;
  restart: (environment: Environment) => Answer;
  extend: (environment: Environment) => Answer;
  /** Silent: the caller shows the error where the name was typed. */
  rename: (environment: Environment, name: string) => Answer;
  /** Silent: the caller shows the error in its dialog. */
  remove: (environment: Environment) => Answer;
}

type Verb = keyof Omit<EnvironmentActions, 'remove'>;

export function useEnvironmentActions(): EnvironmentActions {
  const t = useT();
  const format = useFormat();
  const utils = trpc.useUtils();
  const client = useQueryClient();
  return useMemo(() => {
    const lists = { queryKey: getQueryKey(trpc.environments.list) };

    const patch = (id: Environment['id'], change: Partial<Environment>) => {
      utils.environments.get.setData({ id }, (old) => old && latest(old, change));
      client.setQueriesData<EnvironmentList>(
        lists,
        (old) =>
          old && {
            ...old,
            environments: old.environments.map((one) => (one.id === id ? latest(one, change) : one)),
          },
      );
    };

    async function run(
      verb: Verb,
      environment: Environment,
      expected: Partial<Environment>,
      { silent = false, done }: { silent?: boolean; done?: (after: Environment) => string } = {},
    ): Answer {
      const { id, name } = environment;
      await utils.environments.list.cancel();
      patch(id, expected);
      try {
        const after =
          verb === 'rename'
            ? await utils.client.environments.rename.mutate({ id, name: expected.name ?? name })
            : await utils.client.environments[verb].mutate({ id });
        patch(id, after);
        if (done) toast.success(done(after), { id: `environment-${id}` });
        return null;
      } catch (error) {
        patch(id, environment);
        void utils.environments.invalidate();
        const shown = shownError(error);
        if (!silent)
          toast.error(t(`environments.failed.${verb}`, { name }), { detail: shown.message, id: `environment-${id}` });
        return shown;
      }
    }

    return {
      start: (environment) =>
        run('start', environment, { phase: 'pending', desired: 'running', failure: null, steps: [], readyAt: null }),
      stop: (environment) => run('stop', environment, { phase: 'stopping', desired: 'stopped' }),
      restart: (environment) =>
        run(
          'restart',
          environment,
          { phase: 'stopping', desired: 'running', failure: null, steps: [], readyAt: null },
          { done: ({ name }) => t('environments.done.restart', { name }) },
        ),
      extend: (environment) =>
        run(
          'extend',
          environment,
          {},
          { done: ({ deadlineAt }) => t('environments.done.extend', { time: format.exact(deadlineAt ?? 0) }) },
        ),
      rename: (environment, name) => run('rename', environment, { name }, { silent: true }),
      remove: async ({ id, name }) => {
        try {
          await utils.client.environments.delete.mutate({ id });
        } catch (error) {
          return shownError(error);
        }
        client.setQueriesData<EnvironmentList>(
          lists,
          (old) => old && { ...old, environments: old.environments.filter((one) => one.id !== id) },
        );
        void utils.storages.list.invalidate();
        void utils.profile.limits.invalidate();
        toast.success(t('environments.done.delete', { name }));
        return null;
      },
    };
  }, [t, format, utils, client]);
}
