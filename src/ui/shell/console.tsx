'use client';
/** The shell with its data: API, live stream, uploads, and preferences kept on the server. */
import { type ReactNode, useMemo } from 'react';
import { LiveProvider, useLive } from '../live/live-provider.tsx';
import { UploadProvider } from '../storage/upload-provider.tsx';
import { ApiProvider, type Outputs, trpc } from '../trpc-client.tsx';
import { USERS_HREF } from './navigation.ts';
import { Shell, type ShellDeployment } from './shell.tsx';

interface ConsoleProps {
  viewer: Outputs['profile']['me'];
  deployment: ShellDeployment;
  children: ReactNode;
}

export function Console(props: ConsoleProps) {
  return (
    <ApiProvider>
      <LiveProvider>
        <UploadProvider>
          <ConnectedShell {...props} />
        </UploadProvider>
      </LiveProvider>
    </ApiProvider>
  );
}

function ConnectedShell({ viewer: initial, deployment, children }: ConsoleProps) {
  const { state } = useLive();
  const { data: viewer = initial } = trpc.profile.me.useQuery(undefined, { initialData: initial });
  const counts = trpc.admin.users.counts.useQuery(undefined, { enabled: viewer.role === 'admin' });
  const awaiting = viewer.role === 'admin' ? (counts.data?.awaiting ?? 0) : 0;
  const attention = useMemo(() => ({ [USERS_HREF]: awaiting }), [awaiting]);
  const utils = trpc.useUtils();
  const update = trpc.profile.update.useMutation({ onSuccess: (me) => utils.profile.me.setData(undefined, me) });
  return (
    <Shell
      viewer={viewer}
      deployment={deployment}
      live={state}
      attention={attention}
      onPreferences={(preferences) => update.mutate({ preferences })}
    >
      {children}
    </Shell>
  );
}
