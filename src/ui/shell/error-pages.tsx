/** What the error routes draw: what happened, why, what now. */
import { Mark } from '../brand/mark.tsx';
import { translator } from '../messages/translate.ts';
import { ErrorState } from '../primitives/error-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';

/** `forbidden` for pages that exist but are someone else's or another role's. */
export function ErrorPage({ kind, bare = false }: { kind: 'notFound' | 'forbidden'; bare?: boolean }) {
  const t = translator();
  const page = (
    <ErrorState
      size="page"
      heading="h1"
      what={t(`error.${kind}.what`)}
      why={t(`error.${kind}.why`)}
      now={t(`error.${kind}.now`)}
      actions={
        <LinkButton href="/" look="primary">
          {t('error.goHome')}
        </LinkButton>
      }
    />
  );
  if (bare) return page;
  return (
    <main className="flex min-h-dvh items-center">
      <div className="mx-auto w-full max-w-lg">
        <Mark width={56} className="mx-6" />
        {page}
      </div>
    </main>
  );
}
