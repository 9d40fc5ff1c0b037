/** The catalog as a person sees it, with what this deployment can run of it; and its first content. */
import type { ApplicationRow } from '../../../prisma-free-db/repositories/applications.ts';
import type { Application } from '../../domain/application.ts';
import type { Size } from '../../domain/environment.ts';
import { type ApplicationId, newApplicationId } from '../../domain/ids.ts';
import type { Spawner } from '../../ports/spawner/spawner.ts';
import type { Deps } from '../deps.ts';

export interface ApplicationView {
  id: ApplicationId;
  slug: string;
  name: string;
  summary: string;
  tags: string[];
  icon: string;
  asksCommand: boolean;
  defaultSize: Size;
  /** Whether it can run here now; if not, why, and the line that installs it. */
  available: boolean;
  unavailableReason: string | null;
  install: string | null;
  /** Median of the latest launches of this deployment; null before the first. */
  usualReadyMs: number | null;
}

export async function listApplications(deps: Deps): Promise<ApplicationView[]> {
  const spawner = deps.spawnerOf(deps.placement.spawner);
  const rows = deps.applications.list().filter((row) => row.active);
  return Promise.all(rows.map((row) => view(deps, spawner, row)));
}

async function view(deps: Deps, spawner: Spawner, row: ApplicationRow): Promise<ApplicationView> {
  const { id, slug, name, summary, tags, icon, asksCommand, defaultSize } = row;
  const check = asksCommand ? ({ available: true } as const) : await spawner.check(runOf(row, null));
  return {
    id,
    slug,
    name,
    summary,
    tags,
    icon,
    asksCommand,
    defaultSize,
    available: check.available,
    unavailableReason: check.available ? null : check.reason,
    install: check.available ? null : (row.local?.install ?? null),
    usualReadyMs: median(deps.environments.readyTimes(id, 9)),
  };
}

/** What the spawner is told to run; `argv` replaces the catalog's command for applications that ask for one. */
export function runOf(row: Pick<ApplicationRow, 'local' | 'image' | 'port'>, argv: string[] | null) {
  return {
    argv: argv ?? row.local?.argv ?? null,
    listen: row.local?.listen ?? ('port' as const),
    readyPath: row.local?.readyPath ?? null,
    secretHeader: row.local?.secretHeader ?? null,
    image: row.image,
    port: row.port,
  };
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Puts the provider's built-in applications into the catalog; those that are there keep what an admin changed, save how they run. */
export function seedApplications(
  deps: Pick<Deps, 'db' | 'applications'>,
  builtIn: readonly Omit<Application, 'id'>[],
): void {
  deps.db.write(() => {
    for (const application of builtIn) {
      const known = deps.applications.findBySlug(application.slug);
      if (known)
        deps.applications.update(known.id, {
          local: application.local,
          image: application.image,
          port: application.port,
        });
      else deps.applications.insert({ ...application, id: newApplicationId() });
    }
  });
}
