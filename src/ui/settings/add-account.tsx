'use client';
/** One more account: signed in with once, from a session that is young enough. */
import { useT } from '../messages/messages-provider.tsx';
import { buttonClass } from '../primitives/button-look.ts';
import { Card } from '../primitives/card.tsx';
import type { Outputs } from '../trpc-client.tsx';

type View = Outputs['identities']['list'];

export function AddAccount({ providers, fresh, current }: Pick<View, 'providers' | 'fresh' | 'current'>) {
  const t = useT();
  if (!fresh) return <SignInAgain current={current} />;
  if (providers.length === 0) return null;
  return (
    <Card title={t('settings.accounts.add')}>
      <p className="text-pretty text-ink-2">{t('settings.accounts.addText')}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        {providers.map(({ name, label, mark }) => (
          <form key={name} method="post" action={`/api/auth/sign-in/${name}`} className="min-w-0">
            <input type="hidden" name="linking" value="yes" />
            <button type="submit" className={buttonClass({}, 'max-w-full')}>
              {/* biome-ignore lint/performance/noImgElement: a data: address of a few hundred bytes. */}
              {mark === null ? null : <img src={mark} alt="" className="size-4 shrink-0" />}
              <span className="truncate">{t('settings.accounts.addWith', { label })}</span>
            </button>
          </form>
        ))}
      </div>
    </Card>
  );
}

function SignInAgain({ current }: { current: string | null }) {
  const t = useT();
  return (
    <Card title={t('settings.accounts.add')}>
      <p className="text-pretty text-ink-2">{t('settings.accounts.stale')}</p>
      {current === null ? (
        <p className="mt-2 text-pretty text-ink-2">{t('settings.accounts.againLink')}</p>
      ) : (
        <form method="post" action={`/api/auth/sign-in/${current}`} className="mt-3">
          <input type="hidden" name="next" value="/settings?tab=accounts" />
          <button type="submit" className={buttonClass({})}>
            {t('settings.accounts.again')}
          </button>
        </form>
      )}
    </Card>
  );
}
