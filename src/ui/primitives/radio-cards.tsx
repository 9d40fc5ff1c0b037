'use client';
/** One of a few weighty choices, each a card with room to explain itself (sizes, storage). */
import { Item, Root } from 'radix-ui/radio-group';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

export interface RadioCard {
  value: string;
  title: ReactNode;
  /** Under the title. */
  detail?: ReactNode;
  icon?: ReactNode;
  disabled?: boolean;
  /** Why it cannot be chosen. */
  reason?: ReactNode;
}

interface RadioCardsProps {
  /** Accessible name of the group. */
  label: string;
  cards: readonly RadioCard[];
  value: string | null;
  onChange: (value: string) => void;
  /** Cards beside one another from 640 px on; default 3. */
  columns?: 1 | 2 | 3 | 4;
}

const COLUMNS = {
  1: 'grid-cols-1',
  2: 'sm:grid-cols-2',
  3: 'sm:grid-cols-3',
  4: 'sm:grid-cols-2 lg:grid-cols-4',
} as const;

export function RadioCards({ label, cards, value, onChange, columns = 3 }: RadioCardsProps) {
  return (
    <Root aria-label={label} value={value} onValueChange={onChange} className={cx('grid gap-2', COLUMNS[columns])}>
      {cards.map((card) => (
        <Item
          key={card.value}
          value={card.value}
          disabled={card.disabled}
          className="group flex min-w-0 items-start gap-3 rounded-md border border-line-strong bg-surface p-3 text-left transition-colors duration-100 hover:border-ink-3 disabled:bg-sunken disabled:hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:ring-1 data-[state=checked]:ring-accent"
        >
          {card.icon ? <span className="mt-0.5 flex text-ink-3">{card.icon}</span> : null}
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium group-disabled:text-ink-3">{card.title}</span>
            {card.detail ? (
              <span className="nums block text-ink-2 text-sm group-disabled:text-ink-3">{card.detail}</span>
            ) : null}
            {card.reason ? <span className="mt-1 block text-sm text-warning">{card.reason}</span> : null}
          </span>
          <span className="mt-0.5 size-4 shrink-0 rounded-full border border-control group-data-[state=checked]:border-5 group-data-[state=checked]:border-accent" />
        </Item>
      ))}
    </Root>
  );
}
