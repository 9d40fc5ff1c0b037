/** The sign-in page: a quiet sky, one card, what the deployment's providers offer. */
import { Mark } from '../brand/mark.tsx';
import { SkyField } from '../brand/sky-field.tsx';
import { translator } from '../messages/translate.ts';
import { ContinueAs } from './continue-as.tsx';
import { LinkSignIn } from './link-sign-in.tsx';

/** How people may sign in here: data of the deployment, in the order in which it offers them. */
export interface SignInProvider {
  name: string;
  label: string;
  kind: 'link' | 'oidc';
}

interface SignInScreenProps {
  deploymentName: string;
  providers: readonly SignInProvider[];
  /** The page that was wanted; checked again before anyone is sent there. */
  next: string | null;
  /** Name of who is signed in on this browser already. */
  signedInAs: string | null;
}

export function SignInScreen({ deploymentName, providers, next, signedInAs }: SignInScreenProps) {
  const t = translator();
  return (
    <main className="relative isolate flex min-h-dvh items-center justify-center overflow-hidden p-4">
      <SkyField className="absolute inset-0 -z-10 size-full scale-105 object-cover blur-[2px]" />
      <div aria-hidden className="sky-veil absolute inset-0 -z-10" />
      <div className="w-full max-w-[420px] rounded-lg bg-raised p-6 shadow-float sm:p-8">
        <Mark width={56} />
        <h1 className="mt-5 break-words font-semibold text-xl">{t('signIn.title', { deployment: deploymentName })}</h1>
        {signedInAs === null ? null : <ContinueAs name={signedInAs} next={next} />}
        {providers.map(({ name, kind }) => (kind === 'link' ? <LinkSignIn key={name} next={next} /> : null))}
        <p className="mt-6 border-line border-t pt-4 text-ink-3 text-sm">{t('signIn.data')}</p>
      </div>
    </main>
  );
}
