/** How buttons and links that look like buttons are drawn. */
import { cx } from './class-names.ts';

export interface ButtonLook {
  /** primary: the one main action; secondary (default): bordered; quiet: no border until hovered; danger: loses something. */
  look?: 'primary' | 'secondary' | 'quiet' | 'danger';
  /** sm 28 px (inside rows), md 32 px, lg 40 px (the main action of a page or card). */
  size?: 'sm' | 'md' | 'lg';
  /** Fills its container. */
  wide?: boolean;
}

const BASE =
  'inline-flex select-none items-center justify-center gap-2 whitespace-nowrap rounded-sm font-medium transition-colors duration-100 touch ' +
  'disabled:opacity-50 aria-disabled:opacity-70';

const LOOKS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover active:bg-accent-hover',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-hover active:bg-hover',
  quiet: 'text-ink-2 hover:bg-hover hover:text-ink active:bg-hover',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover active:bg-danger-hover',
} as const;

const SIZES = {
  sm: 'h-7 px-2 text-sm',
  md: 'h-8 px-3 text-base',
  lg: 'h-10 px-4 text-base',
} as const;

export function buttonClass({ look = 'secondary', size = 'md', wide = false }: ButtonLook, extra?: string): string {
  return cx(BASE, LOOKS[look], SIZES[size], wide && 'w-full', extra);
}

const SQUARES = { sm: 'size-7', md: 'size-8', lg: 'size-10' } as const;

export function iconButtonClass({ look = 'quiet', size = 'md' }: Omit<ButtonLook, 'wide'>, extra?: string): string {
  return cx(BASE, LOOKS[look], SQUARES[size], 'shrink-0', extra);
}
