'use client';
/** One of a few, inside a menu. */
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { MENU_ITEM_LOOK } from './menu-item-look.ts';
import { useMenuParts } from './menu-parts.ts';

interface MenuChoiceProps<Value extends string> {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: string; icon?: ReactNode }[];
}

/** The menu stays open, so that the effect can be seen. */
export function MenuChoice<Value extends string>({ value, onChange, options }: MenuChoiceProps<Value>) {
  const { RadioGroup, RadioItem, ItemIndicator } = useMenuParts();
  return (
    <RadioGroup
      value={value}
      onValueChange={(next) => {
        const option = options.find((candidate) => candidate.value === next);
        if (option) onChange(option.value);
      }}
    >
      {options.map((option) => (
        <RadioItem
          key={option.value}
          value={option.value}
          className={MENU_ITEM_LOOK}
          onSelect={(event) => event.preventDefault()}
        >
          <span className="flex opacity-80">{option.icon}</span>
          <span className="flex-1">{option.label}</span>
          <ItemIndicator>
            <Check className="icon text-accent-ink" aria-hidden />
          </ItemIndicator>
        </RadioItem>
      ))}
    </RadioGroup>
  );
}
