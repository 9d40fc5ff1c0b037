/** The pages of the application, in the order of the rail. One list feeds rail, bottom tabs, palette, shortcuts and crumbs. */
import {
  CircleHelp,
  Database,
  HardDrive,
  History,
  House,
  LayoutGrid,
  type LucideIcon,
  ScrollText,
  SlidersHorizontal,
  SquareTerminal,
  Users,
} from 'lucide-react';
import type { Role } from '../../domain/user.ts';
import type { MessageKey } from '../messages/translate.ts';

export interface Destination {
  href: string;
  label: Extract<MessageKey, `nav.${string}`>;
  icon: LucideIcon;
  /** Shortcut: g, then this key. */
  key: string;
}

export const HELP_HREF = '/help';

export const DESTINATIONS: readonly Destination[] = [
  { href: '/', label: 'nav.home', icon: House, key: 'h' },
  { href: '/environments', label: 'nav.environments', icon: SquareTerminal, key: 'e' },
  { href: '/catalog', label: 'nav.catalog', icon: LayoutGrid, key: 'c' },
  { href: '/storage', label: 'nav.storage', icon: HardDrive, key: 's' },
  { href: '/activity', label: 'nav.activity', icon: History, key: 'a' },
  { href: HELP_HREF, label: 'nav.help', icon: CircleHelp, key: 'o' },
];

export const USERS_HREF = '/admin/users';

export const ADMIN_DESTINATIONS: readonly Destination[] = [
  { href: USERS_HREF, label: 'nav.users', icon: Users, key: 'u' },
  { href: '/admin/audit', label: 'nav.audit', icon: ScrollText, key: 't' },
  { href: '/admin/database', label: 'nav.database', icon: Database, key: 'b' },
  { href: '/admin/settings', label: 'nav.adminSettings', icon: SlidersHorizontal, key: 'd' },
];

/** So many of the first ones stand under the thumb on a phone; the others are behind “More”. */
export const PHONE_TABS = 4;

export const LAUNCH_HREF = '/catalog';
export const SETTINGS_HREF = '/settings';

/** Where a person of this role may go. */
export function destinationsOf(role: Role): readonly Destination[] {
  return role === 'admin' ? [...DESTINATIONS, ...ADMIN_DESTINATIONS] : DESTINATIONS;
}

/** Whether a page lies under a destination: `/storage/abc` under `/storage`, but only `/` under `/`. */
export function isUnder(pathname: string, href: string): boolean {
  return pathname === href || (href !== '/' && pathname.startsWith(`${href}/`));
}
