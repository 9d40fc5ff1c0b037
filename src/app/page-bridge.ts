/** How server components reach the process: one global symbol, since Next's bundle is a module graph of its own. */
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { PageBridge } from '../boot/page-bridge.ts';

export function pageBridge(): PageBridge {
  const bridge: PageBridge | undefined = Reflect.get(globalThis, Symbol.for('cmbcluster.pages'));
  if (!bridge) throw new Error('The pages run inside the CMBCluster server only.');
  return bridge;
}

/** Who is signed in; nobody is led to sign-in and back. */
export async function requireViewer() {
  const head = await headers();
  const viewer = await pageBridge().viewer(head.get('cookie') ?? undefined);
  if (!viewer) redirect(`/sign-in?next=${encodeURIComponent(head.get('x-cmbcluster-path') ?? '/')}`);
  return viewer;
}
