'use client';
/** The searchable list inside a Combobox. */
import { Command } from 'cmdk';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import type { ComboboxOption } from './combobox-option.ts';

interface ComboboxListProps {
  options: readonly ComboboxOption[];
  value: string | null;
  onChoose: (value: string) => void;
}

export function ComboboxList({ options, value, onChoose }: ComboboxListProps) {
  const t = useT();
  const [query, setQuery] = useState('');
  return (
    <Command label={t('combobox.search')} defaultValue={value ?? undefined}>
      <Command.Input
        autoFocus
        value={query}
        onValueChange={setQuery}
        placeholder={t('combobox.search')}
        className="h-10 w-full border-line border-b bg-transparent px-3 text-base outline-none pointer-coarse:text-lg"
      />
      <Command.List className="max-h-64 overflow-y-auto p-1">
        <Command.Empty className="px-2 py-4 text-center text-ink-3 text-sm">
          {t('combobox.none', { query })}
        </Command.Empty>
        {options.map((option) => (
          <Command.Item
            key={option.value}
            value={option.value}
            keywords={[option.label, ...(option.keywords ?? [])]}
            onSelect={() => onChoose(option.value)}
            className="touch flex cursor-default items-center justify-between gap-4 rounded-sm px-2 py-1.5 data-[selected=true]:bg-hover"
          >
            <span className="min-w-0">
              <span className="block truncate">{option.label}</span>
              {option.hint ? <span className="block truncate text-ink-3 text-sm">{option.hint}</span> : null}
            </span>
            {option.value === value ? <Check className="icon text-accent-ink" aria-hidden /> : null}
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}
