'use client';
/** The search box of a page: `/` focuses it, Escape clears it, then leaves it. */
import { Search, X } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from './icon-button.tsx';
import { Input } from './input.tsx';
import { Kbd } from './kbd.tsx';

interface SearchInputProps {
  /** Accessible name and placeholder: “Search environments”. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

export function SearchInput({ label, value, onChange, className }: SearchInputProps) {
  const t = useT();
  return (
    <Input
      type="search"
      role="searchbox"
      data-page-search
      aria-label={label}
      placeholder={label}
      value={value}
      className={className}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        if (value) onChange('');
        else event.currentTarget.blur();
      }}
      lead={<Search className="icon" aria-hidden />}
      trail={
        value ? (
          <IconButton
            size="sm"
            label={t('action.clear')}
            icon={<X className="icon" aria-hidden />}
            onClick={() => onChange('')}
          />
        ) : (
          <Kbd keys="/" className="pointer-events-none mr-1 pointer-coarse:hidden" />
        )
      }
    />
  );
}
