'use client';
/** One of many values, found by typing. The list is loaded with its first opening. */
import { ChevronsUpDown } from 'lucide-react';
import { Content, Portal, Root, Trigger } from 'radix-ui/popover';
import { lazy, Suspense, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';
import type { ComboboxOption } from './combobox-option.ts';
import { CONTROL, CONTROL_HEIGHT } from './control-look.ts';
import { useField } from './field.tsx';

const ComboboxList = lazy(async () => ({ default: (await import('./combobox-list.tsx')).ComboboxList }));

interface ComboboxProps {
  options: readonly ComboboxOption[];
  value: string | null;
  onChange: (value: string) => void;
  placeholder?: string;
  label?: string;
  disabled?: boolean;
  className?: string;
}

export function Combobox({ options, value, onChange, placeholder, label, disabled, className }: ComboboxProps) {
  const t = useT();
  const field = useField();
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Root open={open} onOpenChange={setOpen}>
      <Trigger
        {...field}
        role="combobox"
        aria-label={label}
        aria-expanded={open}
        disabled={disabled}
        className={cx(
          CONTROL,
          CONTROL_HEIGHT,
          'flex items-center justify-between gap-2 text-left',
          !chosen && 'text-ink-3',
          className,
        )}
      >
        <span className="truncate">{chosen?.label ?? placeholder ?? t('combobox.placeholder')}</span>
        <ChevronsUpDown className="icon text-ink-3" aria-hidden />
      </Trigger>
      <Portal>
        <Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-(--radix-popover-trigger-width) min-w-64 animate-pop overflow-hidden rounded-md bg-raised shadow-float"
        >
          <Suspense fallback={<div className="h-40" />}>
            <ComboboxList
              options={options}
              value={value}
              onChoose={(next) => {
                onChange(next);
                setOpen(false);
              }}
            />
          </Suspense>
        </Content>
      </Portal>
    </Root>
  );
}
