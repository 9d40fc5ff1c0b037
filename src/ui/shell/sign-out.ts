/** Ends this session on the server, then leaves for the sign-in page with a full load, so that nothing of the old one stays in memory. */
export async function signOut(): Promise<void> {
  const answer = await fetch('/api/auth/sign-out', { method: 'POST' });
  // 401: it had ended already, which is what was asked for.
  if (!answer.ok && answer.status !== 401) throw new Error(`sign-out answered ${answer.status}`);
  const { issuer }: { issuer?: { name: string } | null } = await answer.json().catch(() => ({}));
  window.location.assign(issuer ? `/sign-in?left=${encodeURIComponent(issuer.name)}` : '/sign-in');
}
