/** One button an issuer. Plain forms: signing in needs no script. */
import { translator } from '../messages/translate.ts';
import { buttonClass } from '../primitives/button-look.ts';
import type { SignInProvider } from './sign-in-provider.ts';

interface IssuerButtonsProps {
  issuers: readonly SignInProvider[];
  next: string | null;
}

export function IssuerButtons({ issuers, next }: IssuerButtonsProps) {
  const t = translator();
  return (
    <div className="mt-5 flex flex-col gap-3">
      {issuers.map(({ name, label, mark }) => (
        <form key={name} method="post" action={`/api/auth/sign-in/${name}`}>
          {next === null ? null : <input type="hidden" name="next" value={next} />}
          <button type="submit" className={buttonClass({ look: 'secondary', size: 'lg', wide: true }, 'min-w-0')}>
            {/* biome-ignore lint/performance/noImgElement: a data: address of a few hundred bytes. */}
            {mark === null ? null : <img src={mark} alt="" className="size-5 shrink-0" />}
            <span className="truncate">{t('signIn.with', { label })}</span>
          </button>
        </form>
      ))}
    </div>
  );
}
