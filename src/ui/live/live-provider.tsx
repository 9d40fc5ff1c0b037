'use client';
/** Keeps every query true by the live stream, and tells screens whether it is connected. */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import type { EnvironmentId, InvitationId, UserId } from '../../domain/ids.ts';
import { latest } from '../environments/environment-state.ts';
import { isLeaving } from '../shell/sign-out.ts';
import { withJob } from '../storage/job-list.ts';
import { trpc } from '../trpc-client.tsx';
import { type LiveMessage, type LiveState, openLiveStream } from './live-stream.ts';

type LogListener = (end: number) => void;
type PeopleListener = (id: UserId | InvitationId) => void;

interface Live {
  state: LiveState;
  /** Calls back when the output of an environment grew. Returns the unsubscribe. */
  onLog(id: EnvironmentId, listener: LogListener): () => void;
  /** For administrators: calls back when a person or an invitation changed. Returns the unsubscribe. */
  onPeople(listener: PeopleListener): () => void;
}

const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLive needs a LiveProvider');
  return live;
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const utils = trpc.useUtils();
  const [state, setState] = useState<LiveState>('connecting');
  const peopleListeners = useRef(new Set<PeopleListener>());
  const logListeners = useRef(new Map<string, Set<LogListener>>());

  useEffect(() => {
    let seenHello = false;
    function apply(message: LiveMessage): void {
      // Whatever changed, the trail tells of it.
      if (message.kind !== 'log' && message.kind !== 'hello') void utils.activity.list.invalidate();
      switch (message.kind) {
        case 'hello':
          if (seenHello && message.reset) void utils.invalidate();
          seenHello = true;
          return;
        case 'environment': {
          const { id, environment } = message;
          if (environment) {
            utils.environments.get.setData({ id }, (old) =>
              old ? latest(old, environment) : { ...environment, usualReadyMs: null },
            );
          }
          if (!environment) void utils.environments.get.invalidate({ id });
          void utils.environments.list.invalidate();
          // Storages name who works in them.
          void utils.storages.list.invalidate();
          void utils.environments.history.invalidate({ id });
          void utils.profile.limits.invalidate();
          void utils.secrets.outdated.invalidate();
          return;
        }
        case 'storage':
          void utils.storages.list.invalidate();
          return;
        case 'fileJob': {
          const { job } = message;
          if (!job) return;
          utils.files.jobs.setData({ id: job.storageId }, (old) => old && withJob(old, job));
          if (job.status !== 'running') void utils.files.invalidate();
          return;
        }
        case 'profile':
          void utils.profile.me.invalidate();
          void utils.identities.invalidate();
          void utils.secrets.invalidate();
          return;
        case 'people':
          void utils.admin.users.counts.invalidate();
          for (const listener of peopleListeners.current) listener(message.id);
          return;
        case 'tiers':
          void utils.admin.tiers.invalidate();
          void utils.admin.users.tiers.invalidate();
          void utils.profile.limits.invalidate();
          return;
        case 'log':
          for (const listener of logListeners.current.get(message.id) ?? []) listener(message.end);
      }
    }
    return openLiveStream({ onMessage: apply, onState: setState });
  }, [utils]);

  useEffect(() => {
    // The session is over: the server's own redirect leads to sign-in and back.
    if (state === 'ended' && !isLeaving()) window.location.reload();
  }, [state]);

  const [onPeople] = useState(() => (listener: PeopleListener) => {
    peopleListeners.current.add(listener);
    return () => peopleListeners.current.delete(listener);
  });

  const [onLog] = useState(() => (id: EnvironmentId, listener: LogListener) => {
    const set = logListeners.current.get(id) ?? new Set();
    logListeners.current.set(id, set.add(listener));
    return () => set.delete(listener);
  });

  return <LiveContext.Provider value={{ state, onLog, onPeople }}>{children}</LiveContext.Provider>;
}
