/** The pages of the application, in the order of the rail. One list feeds rail, bottom tabs, palette, shortcuts and crumbs. */
import { CircleHelp, HardDrive, House, LayoutGrid, type LucideIcon, SquareTerminal } from 'lucide-react';
import type { MessageKey } from '../messages/translate.ts';

export interface Destination {
  href: string;
  label: Extract<MessageKey, `nav.${string}`>;
  icon: LucideIcon;
  /** Shortcut: g, then this key. */
  key: string;
}

export const DESTINATIONS: readonly Destination[] = [
  { href: '/', label: 'nav.home', icon: House, key: 'h' },
  { href: '/environments', label: 'nav.environments', icon: SquareTerminal, key: 'e' },
  { href: '/catalog', label: 'nav.catalog', icon: LayoutGrid, key: 'c' },
  { href: '/storage', label: 'nav.storage', icon: HardDrive, key: 's' },
  { href: '/help', label: 'nav.help', icon: CircleHelp, key: 'o' },
];

export const LAUNCH_HREF = '/catalog';
export const SETTINGS_HREF = '/settings';

/** Whether a page lies under a destination: `/storage/abc` under `/storage`, but only `/` under `/`. */
export function isUnder(pathname: string, href: string): boolean {
  return pathname === href || (href !== '/' && pathname.startsWith(`${href}/`));
}
