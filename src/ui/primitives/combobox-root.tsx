'use client';
/** The Combobox once opened: loaded with the first opening. */
import { ChevronsUpDown } from 'lucide-react';
import { Content, Portal, Root, Trigger } from 'radix-ui/popover';
import { useState } from 'react';
import { cx } from './class-names.ts';
import { ComboboxList } from './combobox-list.tsx';
import type { ComboboxProps } from './combobox-option.ts';
import { CONTROL, CONTROL_HEIGHT } from './control-look.ts';
import { useField } from './field.tsx';
import { PICKER } from './picker-trigger.tsx';

export function ComboboxRoot({ options, value, onChange, placeholder, label, disabled, className }: ComboboxProps) {
  const field = useField();
  const [open, setOpen] = useState(true);
  const chosen = options.find((option) => option.value === value);
  return (
    <Root open={open} onOpenChange={setOpen}>
      <Trigger
        {...field}
        role="combobox"
        aria-label={label}
        disabled={disabled}
        className={cx(CONTROL, CONTROL_HEIGHT, PICKER, !chosen && 'text-ink-3', className)}
      >
        <span className="truncate">{chosen?.label ?? placeholder}</span>
        <ChevronsUpDown className="icon text-ink-3" aria-hidden />
      </Trigger>
      <Portal>
        <Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-(--radix-popover-trigger-width) min-w-64 animate-pop overflow-hidden rounded-md bg-raised shadow-float"
        >
          <ComboboxList
            options={options}
            value={value}
            onChoose={(next) => {
              onChange(next);
              setOpen(false);
            }}
          />
        </Content>
      </Portal>
    </Root>
  );
}
