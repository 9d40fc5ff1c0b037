'use client';
/** One application of the catalog: what it is, one click to launch it, or the line that installs it. */
import { Rocket, SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { ApplicationIcon } from '../environments/application-icon.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Copyable } from '../primitives/copyable.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { type CatalogApplication, launchHref } from './application.ts';
import { type Allowance, fittingSize, isFull } from './launch-size.ts';
import type { QuickLaunch } from './use-launch.ts';

interface ApplicationCardProps {
  application: CatalogApplication;
  /** Unknown while it loads: launching waits for it. */
  allowance: Allowance | undefined;
  quick: QuickLaunch;
  /** Its Launch is the main action of the page. */
  main?: boolean;
  /** What stands above it: the page's title, or a section's. */
  heading?: 'h2' | 'h3';
}

export function ApplicationCard(props: ApplicationCardProps) {
  const { application, heading: Heading = 'h3' } = props;
  const format = useFormat();
  const t = useT();
  const { name, summary, icon, available, usualReadyMs, defaultSize } = application;
  const facts = [
    t('launch.size.amount', {
      cores: format.cores(defaultSize.cpuMillicores),
      memory: format.memory(defaultSize.memoryMiB),
    }),
    usualReadyMs === null ? null : t('catalog.usual', { duration: format.duration(roundAbout(usualReadyMs)) }),
  ];
  return (
    <li className="flex min-h-[174px] min-w-0 flex-col rounded-lg border border-line bg-surface p-4">
      <div className="flex min-w-0 items-start gap-3">
        <ApplicationIcon name={icon} look="tile" />
        <div className="min-w-0 flex-1">
          <Heading className="break-words font-semibold">{name}</Heading>
          <p className="text-pretty text-ink-2 text-sm">{summary}</p>
        </div>
      </div>
      {available ? (
        <>
          <p className="nums mt-3 flex-1 text-ink-3 text-sm">{facts.filter(Boolean).join(' · ')}</p>
          <Actions {...props} />
        </>
      ) : (
        <NotHere application={application} />
      )}
    </li>
  );
}

function Actions({ application, allowance, quick, main = false }: ApplicationCardProps) {
  const t = useT();
  const { id, name, asksCommand, defaultSize } = application;
  // All places taken: the page says so once, above the cards.
  const full = allowance !== undefined && isFull(allowance);
  const tooLarge = allowance !== undefined && !full && fittingSize(allowance, defaultSize) === null;
  const failed = quick.error?.applicationId === id ? quick.error.error : null;
  return (
    <>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        {asksCommand ? (
          <LinkButton
            href={launchHref(application)}
            aria-label={t('catalog.optionsNamed', { name })}
            icon={<SlidersHorizontal className="icon" aria-hidden />}
          >
            {t('catalog.setUp')}
          </LinkButton>
        ) : (
          <>
            <Button
              look={main ? 'primary' : 'secondary'}
              aria-label={t('catalog.launchNamed', { name })}
              busy={quick.busy === id}
              disabled={full || tooLarge}
              icon={<Rocket className="icon" aria-hidden />}
              onClick={() => allowance && quick.start(application, allowance)}
            >
              {t('catalog.launch')}
            </Button>
            <LinkButton look="quiet" href={launchHref(application)} aria-label={t('catalog.optionsNamed', { name })}>
              {t('catalog.options')}
            </LinkButton>
          </>
        )}
      </div>
      {tooLarge ? <p className="mt-2 text-sm text-warning">{t('catalog.noSize')}</p> : null}
      <div role="status">{failed ? <p className="mt-2 text-failed text-sm">{failed.message}</p> : null}</div>
    </>
  );
}

function NotHere({ application }: { application: CatalogApplication }) {
  const t = useT();
  const { install, unavailableReason } = application;
  return (
    <div className="mt-3 border-line border-t pt-3 text-sm">
      <p className="text-ink-2">
        {install ? t('catalog.notInstalled') : t('catalog.unavailable', { why: unavailableReason ?? '' })}
      </p>
      {install ? <Copyable block text={install} className="mt-2" /> : null}
      <Link
        href="/help/not-installed"
        className="mt-2 inline-block rounded-sm pointer-coarse:py-3 text-accent-ink underline decoration-line-strong underline-offset-2"
      >
        {t('catalog.notInstalledHelp')}
      </Link>
    </div>
  );
}

/** “About” promises no milliseconds: tenths of a second, at least one. */
const roundAbout = (ms: number): number => (ms < 950 ? Math.max(1, Math.round(ms / 100)) * 100 : ms);
