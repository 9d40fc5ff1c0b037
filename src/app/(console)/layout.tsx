/** Everything behind sign-in: the guard, the viewer, the shell. */
import type { ReactNode } from 'react';
import { Console } from '../../ui/shell/console.tsx';
import { pageBridge, requireViewer } from '../page-bridge.ts';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const viewer = await requireViewer();
  const { deployment } = pageBridge();
  return (
    <Console viewer={viewer} deployment={{ name: deployment.name, localUsers: deployment.sharedAccount() }}>
      {children}
    </Console>
  );
}
