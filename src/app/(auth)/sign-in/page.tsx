import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { translator } from '../../../ui/messages/translate.ts';
import { SignInScreen } from '../../../ui/sign-in/sign-in-screen.tsx';
import { pageBridge } from '../../page-bridge.ts';

export const metadata: Metadata = { title: translator()('signIn.page'), referrer: 'no-referrer' };

interface Props {
  searchParams: Promise<{ next?: string | string[] }>;
}

export default async function SignInPage({ searchParams }: Props) {
  const { next } = await searchParams;
  const { deployment, viewer } = pageBridge();
  // No redirect for who is signed in already: it would carry the secret of a fresh link along in the fragment.
  const signedIn = await viewer((await headers()).get('cookie') ?? undefined);
  return (
    <SignInScreen
      deploymentName={deployment.name}
      providers={deployment.signIn}
      next={typeof next === 'string' ? next : null}
      signedInAs={signedIn?.name ?? null}
    />
  );
}
