'use client';
/** The Select once opened: loaded with the first opening. */
import { Check, ChevronDown } from 'lucide-react';
import { Content, Icon, Item, ItemIndicator, ItemText, Portal, Root, Trigger, Value, Viewport } from 'radix-ui/select';
import { cx } from './class-names.ts';
import { CONTROL, CONTROL_HEIGHT } from './control-look.ts';
import { useField } from './field.tsx';
import { PICKER } from './picker-trigger.tsx';
import type { SelectProps } from './select-option.ts';

export function SelectRoot({ options, value, onChange, placeholder, label, disabled, className }: SelectProps) {
  const field = useField();
  return (
    <Root defaultOpen value={value ?? ''} onValueChange={onChange} disabled={disabled}>
      <Trigger
        {...field}
        aria-label={label}
        className={cx(CONTROL, CONTROL_HEIGHT, PICKER, 'data-placeholder:text-ink-3', className)}
      >
        <span className="truncate">
          <Value placeholder={placeholder}>{options.find((option) => option.value === value)?.label}</Value>
        </span>
        <Icon asChild>
          <ChevronDown className="icon text-ink-3" aria-hidden />
        </Icon>
      </Trigger>
      <Portal>
        <Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) animate-pop overflow-hidden rounded-md bg-raised shadow-float"
        >
          <Viewport className="p-1">
            {options.map((option) => (
              <Item
                key={option.value}
                value={option.value}
                disabled={option.disabled}
                className="touch flex cursor-default select-none items-center justify-between gap-4 rounded-sm px-2 py-1.5 text-base outline-none data-disabled:opacity-50 data-highlighted:bg-hover"
              >
                <span className="min-w-0">
                  <ItemText>{option.label}</ItemText>
                  {option.hint ? <span className="block text-ink-3 text-sm">{option.hint}</span> : null}
                </span>
                <ItemIndicator>
                  <Check className="icon text-accent-ink" aria-hidden />
                </ItemIndicator>
              </Item>
            ))}
          </Viewport>
        </Content>
      </Portal>
    </Root>
  );
}
