/** Settings of a bucket by their names for people. Pure. */
import type { Translate } from '../messages/translate.ts';

const KNOWN = ['private', 'transport', 'encryption', 'versions', 'expiry', 'cors', 'logs'] as const;

/** A setting that this page does not know keeps its own name. */
export function settingName(t: Translate, setting: string): string {
  const known = KNOWN.find((one) => one === setting);
  return known ? t(`storages.setting.${known}`) : setting;
}

export function settingNames(t: Translate, settings: readonly string[]): string {
  return settings.map((setting) => settingName(t, setting)).join(', ');
}
