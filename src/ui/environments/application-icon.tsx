/** The icon of an application by the name that the catalog gives it; a box for names this version does not know. */
import {
  Box,
  ChartLine,
  CodeXml,
  Database,
  FlaskConical,
  Globe,
  type LucideIcon,
  NotebookText,
  Play,
  SquareTerminal,
} from 'lucide-react';
import { cx } from '../primitives/class-names.ts';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  'square-terminal': SquareTerminal,
  'notebook-text': NotebookText,
  'chart-line': ChartLine,
  'code-xml': CodeXml,
  play: Play,
  database: Database,
  'flask-conical': FlaskConical,
  globe: Globe,
};

/** `tile` stands in a framed square (cards, headers); `plain` is a 16 px icon (rows). */
export function ApplicationIcon({ name, look = 'plain' }: { name: string; look?: 'plain' | 'tile' }) {
  const Icon = ICONS[name] ?? Box;
  if (look === 'plain') return <Icon className="icon text-ink-3" aria-hidden />;
  return (
    <span
      className={cx(
        'flex size-9 shrink-0 items-center justify-center rounded-md border border-line bg-sunken text-accent-ink',
      )}
    >
      <Icon className="size-5 stroke-[1.5]" aria-hidden />
    </span>
  );
}
