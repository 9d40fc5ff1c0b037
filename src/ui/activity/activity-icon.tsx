/** What kind of thing an entry is about. */
import {
  CircleUser,
  Database,
  FileText,
  Folder,
  Gauge,
  HardDrive,
  KeyRound,
  Link2,
  LogIn,
  type LucideIcon,
  Mail,
  ScrollText,
  Shield,
  SquareTerminal,
  UserCog,
  Variable,
} from 'lucide-react';
import { cx } from '../primitives/class-names.ts';
import { type ActionGroup, type Entry, groupOf, isAction } from './trail.ts';

const ICONS: Readonly<Record<ActionGroup, LucideIcon>> = {
  'session.': LogIn,
  'identity.': Link2,
  'invitation.': Mail,
  'variable.': Variable,
  'secret.': KeyRound,
  'user.': UserCog,
  'tier.': Gauge,
  'admin.': Shield,
  'audit.': ScrollText,
  'database.': Database,
  'profile.': CircleUser,
  'environment.': SquareTerminal,
  'storage.': HardDrive,
  'object.': FileText,
  'folder.': Folder,
};

export function ActivityIcon({ action, result }: Pick<Entry, 'action' | 'result'>) {
  const Icon = isAction(action) ? ICONS[groupOf(action)] : ScrollText;
  return <Icon className={cx('icon mt-0.5 shrink-0', result === 'done' ? 'text-ink-3' : 'text-failed')} aria-hidden />;
}
