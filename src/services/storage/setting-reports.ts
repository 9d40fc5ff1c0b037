/** What buckets' settings should be, and lists of how they were found. */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import type { SettingReport } from '../../domain/storage.ts';
import { BUCKET_SETTINGS, type SettingState, type WantedSettings } from '../../ports/storage/storage.ts';
import type { Deps } from '../deps.ts';

export function wantedSettings(deps: Deps, row: Pick<StorageRow, 'keepVersionsDays'>): WantedSettings {
  return {
    keepVersionsDays: row.keepVersionsDays,
    corsOrigins: [deps.deployment.appOrigin],
    // Where accesses are written down is a matter of the store's own configuration.
    logBucket: null,
  };
}

/** The list with this state in its place, in the order of BUCKET_SETTINGS. */
export function withSetting(settings: readonly SettingReport[], state: SettingState): SettingReport[] {
  const others = settings.filter(({ setting }) => setting !== state.setting);
  const order: readonly string[] = BUCKET_SETTINGS;
  const rank = ({ setting }: SettingReport) => order.indexOf(setting);
  return [...others, state].sort((a, b) => rank(a) - rank(b));
}

/** Settings that are wanted and off. */
export function driftOf(settings: readonly SettingReport[]): string[] {
  return settings.filter(({ state }) => state === 'off').map(({ setting }) => setting);
}
