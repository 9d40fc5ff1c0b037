'use client';
/** One of a few weighty choices, each a card with room to explain itself (sizes, storage). Native radio buttons. */
import { type ReactNode, useId } from 'react';
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
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={cx('grid gap-2', COLUMNS[columns])}>
      {cards.map((card) => (
        <label
          key={card.value}
          className={cx(
            'flex min-w-0 items-start gap-3 rounded-md border p-3 transition-colors duration-100 has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2',
            card.disabled
              ? 'cursor-not-allowed border-line-strong bg-sunken text-ink-3'
              : 'border-line-strong bg-surface hover:border-ink-3 has-checked:border-accent has-checked:bg-accent-soft has-checked:ring-1 has-checked:ring-accent',
          )}
        >
          {card.icon ? <span className="mt-0.5 flex text-ink-3">{card.icon}</span> : null}
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{card.title}</span>
            {card.detail ? (
              <span className={cx('nums block text-sm', !card.disabled && 'text-ink-2')}>{card.detail}</span>
            ) : null}
            {card.reason ? <span className="mt-1 block text-sm text-warning">{card.reason}</span> : null}
          </span>
          <input
            type="radio"
            name={name}
            value={card.value}
            checked={card.value === value}
            disabled={card.disabled}
            onChange={() => onChange(card.value)}
            className="mt-0.5 size-4 shrink-0 appearance-none rounded-full border border-control bg-surface outline-none checked:border-5 checked:border-accent disabled:bg-sunken"
          />
        </label>
      ))}
    </div>
  );
}
