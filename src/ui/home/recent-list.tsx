'use client';
/** Environments that ran lately, each started again with one click. */
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { ApplicationIcon } from '../environments/application-icon.tsx';
import { type Environment, environmentHref } from '../environments/environment.ts';
import { EnvironmentButtons } from '../environments/environment-buttons.tsx';
import { EnvironmentMenu } from '../environments/environment-menu.tsx';
import { EnvironmentStatus } from '../environments/environment-status.tsx';
import { Time } from '../primitives/time.tsx';

export function RecentList({ environments }: { environments: readonly Environment[] }) {
  const router = useRouter();
  return (
    <ul className="rounded-lg border border-line bg-surface">
      {environments.map((environment) => {
        const { id, name, application, phaseAt } = environment;
        return (
          <li key={id} className="flex min-w-0 items-center gap-3 border-line border-b py-2 pr-2 pl-4 last:border-b-0">
            <ApplicationIcon name={application.icon} />
            <div className="flex min-w-0 flex-1 flex-col gap-x-4 sm:flex-row sm:items-center">
              <Link
                href={environmentHref(id)}
                title={name}
                className="min-w-0 flex-1 truncate rounded-sm font-medium pointer-coarse:-my-3 pointer-coarse:py-3 hover:text-accent-ink"
              >
                {name}
              </Link>
              <span className="flex items-center gap-x-4">
                <span className="flex sm:w-28">
                  <EnvironmentStatus environment={environment} look="plain" />
                </span>
                <Time at={phaseAt} as="short" className="text-ink-3 text-sm sm:w-28 sm:text-right" />
              </span>
            </div>
            <EnvironmentButtons
              size="sm"
              environment={environment}
              onStarted={() => router.push(`${environmentHref(id)}?wait=1`)}
            />
            <EnvironmentMenu size="sm" environment={environment} />
          </li>
        );
      })}
    </ul>
  );
}
