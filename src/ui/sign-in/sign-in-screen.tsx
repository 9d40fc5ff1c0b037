/** The sign-in page: a quiet sky, one card, what the deployment's providers offer. */
import type { SignInReason } from '../../domain/sign-in-reason.ts';
import { Mark } from '../brand/mark.tsx';
import { SkyField } from '../brand/sky-field.tsx';
import { translator } from '../messages/translate.ts';
import { ContinueAs } from './continue-as.tsx';
import { InvitationCard } from './invitation-card.tsx';
import { IssuerButtons } from './issuer-buttons.tsx';
import { LinkSignIn } from './link-sign-in.tsx';
import { SignInNotice } from './sign-in-notice.tsx';
import type { SignInProvider } from './sign-in-provider.ts';
import { SignedOut } from './signed-out.tsx';

interface SignInScreenProps {
  deploymentName: string;
  providers: readonly SignInProvider[];
  /** The page that was wanted; checked again before anyone is sent there. */
  next: string | null;
  /** Why the last attempt came back, and the label of where it was made. */
  refused: SignInReason | null;
  refusedBy: string | null;
  /** Where the session goes on that was just ended here. */
  left: SignInProvider | null;
  /** Whom to ask. */
  contact: string | null;
  /** Name of who is signed in on this browser already. */
  signedInAs: string | null;
}

export function SignInScreen(props: SignInScreenProps) {
  const { deploymentName, providers, next, refused, refusedBy, left, contact, signedInAs } = props;
  const t = translator();
  const issuers = providers.filter(({ kind }) => kind === 'oidc');
  const byLink = providers.some(({ kind }) => kind === 'link');
  return (
    <main className="relative isolate flex min-h-dvh items-center justify-center overflow-hidden p-4">
      <SkyField className="absolute inset-0 -z-10 size-full scale-105 object-cover blur-[2px]" />
      <div aria-hidden className="sky-veil absolute inset-0 -z-10" />
      <div className="w-full max-w-[420px] rounded-lg bg-raised p-6 shadow-float sm:p-8">
        <Mark width={56} />
        <h1 className="mt-5 break-words font-semibold text-xl">{t('signIn.title', { deployment: deploymentName })}</h1>
        {signedInAs === null ? null : <ContinueAs name={signedInAs} next={next} />}
        {left === null ? null : <SignedOut name={left.name} label={left.label} />}
        {refused === null ? null : <SignInNotice reason={refused} label={refusedBy} contact={contact} />}
        <InvitationCard next={next} />
        {issuers.length > 0 ? <IssuerButtons issuers={issuers} next={next} /> : null}
        {issuers.length > 0 && byLink ? <Or /> : null}
        {byLink ? <LinkSignIn next={next} signedInAs={signedInAs} /> : null}
        <p className="mt-6 border-line border-t pt-4 text-pretty text-ink-3 text-sm">
          {t(issuers.length > 0 ? 'signIn.data.issuer' : 'signIn.data')}
        </p>
      </div>
    </main>
  );
}

function Or() {
  return (
    <p className="my-5 flex items-center gap-3 text-ink-3 text-sm before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {translator()('signIn.or')}
    </p>
  );
}
