import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { SIGN_IN_REASONS, type SignInReason } from '../../../domain/sign-in-reason.ts';
import { translator } from '../../../ui/messages/translate.ts';
import { SignInScreen } from '../../../ui/sign-in/sign-in-screen.tsx';
import { pageBridge } from '../../page-bridge.ts';

export const metadata: Metadata = { title: translator()('signIn.page'), referrer: 'no-referrer' };

interface Props {
  searchParams: Promise<Partial<Record<'next' | 'reason' | 'with' | 'left', string | string[]>>>;
}

const readReason = (text: string | null): SignInReason | null =>
  SIGN_IN_REASONS.find((reason) => reason === text) ?? null;

export default async function SignInPage({ searchParams }: Props) {
  const query = await searchParams;
  const one = (value: string | string[] | undefined) => (typeof value === 'string' ? value : null);
  const providerNamed = (name: string | null) => deployment.signIn.find((provider) => provider.name === name) ?? null;
  const { deployment, viewer } = pageBridge();
  // No redirect for who is signed in already: it would carry the secret of a fresh link along in the fragment.
  const signedIn = await viewer((await headers()).get('cookie') ?? undefined);
  return (
    <SignInScreen
      deploymentName={deployment.name}
      providers={deployment.signIn}
      next={one(query.next)}
      refused={readReason(one(query.reason))}
      refusedBy={providerNamed(one(query.with))?.label ?? null}
      left={providerNamed(one(query.left))}
      contact={deployment.contact}
      signedInAs={signedIn?.name ?? null}
    />
  );
}
