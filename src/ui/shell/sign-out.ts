/** Ends this session on the server, then leaves for the sign-in page with a full load, so that nothing of the old one stays in memory. */
export async function signOut(): Promise<void> {
  leaving = true;
  try {
    await leave();
  } catch (error) {
    leaving = false;
    throw error;
  }
}

let leaving = false;

/** The session ends by the person's own wish: where that leads is settled. */
export const isLeaving = (): boolean => leaving;

async function leave(): Promise<void> {
  const answer = await fetch('/api/auth/sign-out', { method: 'POST' });
  // 401: it had ended already, which is what was asked for.
  if (!answer.ok && answer.status !== 401) throw new Error(`sign-out answered ${answer.status}`);
  const { issuer }: { issuer?: { name: string } | null } = await answer.json().catch(() => ({}));
  window.location.assign(issuer ? `/sign-in?left=${encodeURIComponent(issuer.name)}` : '/sign-in');
}
