'use client';
/** Keeps what is shown of people true: one person who changed is read again and put into every list that holds them. */
import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { useEffect, useMemo } from 'react';
import type { InvitationId, UserId } from '../../../domain/ids.ts';
import { useLive } from '../../live/live-provider.tsx';
import { type Outputs, shownError, trpc } from '../../trpc-client.tsx';
import { AWAITING_REQUEST, type PersonRow } from './people.ts';

type People = InfiniteData<Outputs['admin']['users']['list']>;

const isInvitation = (id: UserId | InvitationId): id is InvitationId => id.startsWith('inv-');

/** Reads this person (or the invitations) again; rows stay where they are, whatever the filters say of them now. */
export function useRefreshPerson(): (id: UserId | InvitationId) => Promise<void> {
  const utils = trpc.useUtils();
  const client = useQueryClient();
  return useMemo(() => {
    const queryKey = getQueryKey(trpc.admin.users.list, undefined, 'infinite');
    function replace(id: UserId, row: PersonRow | null): boolean {
      let found = false;
      client.setQueriesData<People>({ queryKey }, (old) => {
        if (!old?.pages.some(({ people }) => people.some((one) => one.id === id))) return old;
        found = true;
        const pages = old.pages.map((page) => ({
          ...page,
          people: page.people.flatMap((one) => (one.id === id ? (row ?? []) : one)),
        }));
        return { ...old, pages };
      });
      return found;
    }
    return async (id) => {
      void utils.admin.users.counts.invalidate();
      if (isInvitation(id)) return utils.admin.invitations.list.invalidate();
      void utils.admin.users.list.invalidate(AWAITING_REQUEST);
      try {
        const person = await utils.admin.users.get.fetch({ id }, { staleTime: 0 });
        if (replace(id, person)) return;
        // Somebody new: a list that is long already shows them when it is read anew.
        await client.invalidateQueries({
          queryKey,
          predicate: ({ state }) => (state.data as People | undefined)?.pages.length === 1,
        });
      } catch (error) {
        if (shownError(error).code === 'not_found') replace(id, null);
      }
    };
  }, [client, utils]);
}

/** While people are shown: what other administrators do, and who asks to be let in, appears at once. */
export function useLivePeople(): void {
  const { onPeople } = useLive();
  const refresh = useRefreshPerson();
  useEffect(() => onPeople((id) => void refresh(id)), [onPeople, refresh]);
}
