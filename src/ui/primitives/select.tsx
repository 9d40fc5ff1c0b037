'use client';
/** One of a few named values. More than about twelve, or values one searches for: Combobox. */
import { ChevronDown } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { PickerTrigger } from './picker-trigger.tsx';
import type { SelectProps } from './select-option.ts';

const loadRoot = () => import('./select-root.tsx');
const SelectRoot = lazy(async () => ({ default: (await loadRoot()).SelectRoot }));

export function Select(props: SelectProps) {
  const t = useT();
  const [used, setUsed] = useState(false);
  const { options, value, placeholder = t('select.placeholder'), label, disabled, className } = props;
  const chosen = options.find((option) => option.value === value);
  const closed = (
    <PickerTrigger
      popup="listbox"
      text={chosen?.label ?? null}
      placeholder={placeholder}
      icon={<ChevronDown className="icon text-ink-3" aria-hidden />}
      label={label}
      disabled={disabled}
      className={className}
      onReach={loadRoot}
      onOpen={() => setUsed(true)}
    />
  );
  if (!used) return closed;
  return (
    <Suspense fallback={closed}>
      <SelectRoot {...props} placeholder={placeholder} />
    </Suspense>
  );
}
