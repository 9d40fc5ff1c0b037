'use client';
/** One environment as a card: what runs on the home page, and every environment on a phone. */
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { Cores, Memory } from '../primitives/quantity.tsx';
import { Elapsed, Time } from '../primitives/time.tsx';
import { ApplicationIcon } from './application-icon.tsx';
import { type Environment, environmentHref } from './environment.ts';
import { EnvironmentButtons } from './environment-buttons.tsx';
import { EnvironmentMenu } from './environment-menu.tsx';
import { isLaunching } from './environment-state.ts';
import { EnvironmentStatus } from './environment-status.tsx';
import { WorkspaceSaved } from './workspace-saved.tsx';

interface EnvironmentCardProps {
  environment: Environment;
  /** Its Open is a main action of the page. */
  main?: boolean;
}

export function EnvironmentCard({ environment, main = false }: EnvironmentCardProps) {
  const { id, name, application, size, storage } = environment;
  return (
    <li className="flex min-w-0 flex-col rounded-lg border border-line bg-surface">
      <div className="flex min-w-0 items-start gap-3 px-4 pt-4">
        <ApplicationIcon name={application.icon} look="tile" />
        <div className="min-w-0 flex-1">
          <Link
            href={environmentHref(id)}
            title={name}
            className="block rounded-sm font-semibold pointer-coarse:-my-3 pointer-coarse:py-3 hover:text-accent-ink"
          >
            <span className="line-clamp-2 break-words">{name}</span>
          </Link>
          <p className="truncate text-ink-3 text-sm">{application.name}</p>
        </div>
        <EnvironmentStatus environment={environment} />
      </div>
      <div className="flex flex-1 flex-wrap items-baseline gap-x-4 gap-y-1 px-4 pt-3 text-ink-2 text-sm">
        <Moments environment={environment} />
        <span>
          <Cores millicores={size.cpuMillicores} /> · <Memory mib={size.memoryMiB} />
        </span>
        {storage ? (
          <Link
            href={`/storage/${storage.id}`}
            className="min-w-0 max-w-full truncate rounded-sm underline decoration-line-strong underline-offset-2 pointer-coarse:-my-3 pointer-coarse:py-3 hover:text-ink"
          >
            {storage.displayName}
          </Link>
        ) : null}
      </div>
      {environment.sync ? (
        <div className="px-4 pt-2 text-ink-2 text-sm">
          <WorkspaceSaved sync={environment.sync} />
        </div>
      ) : null}
      <div className="flex items-center justify-between gap-2 p-3 pt-4 pl-4">
        <div className="flex flex-row-reverse items-center gap-2">
          <EnvironmentButtons environment={environment} main={main} />
        </div>
        <EnvironmentMenu environment={environment} />
      </div>
    </li>
  );
}

/** Since when it is what it is, and when it will end. */
function Moments({ environment }: { environment: Environment }) {
  const t = useT();
  const { phase, phaseAt, readyAt, deadlineAt, steps, createdAt } = environment;
  if (isLaunching(environment)) return <Elapsed from={steps[0]?.at ?? createdAt} />;
  return (
    <>
      <Time at={phase === 'running' ? (readyAt ?? phaseAt) : phaseAt} />
      {deadlineAt !== null && phase === 'running' ? (
        <span>
          {t('environments.fact.ends')} <Time at={deadlineAt} />
        </span>
      ) : null}
    </>
  );
}
