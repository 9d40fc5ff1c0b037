'use client';
/** One of many values, found by typing. */
import { ChevronsUpDown } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import type { ComboboxProps } from './combobox-option.ts';
import { PickerTrigger } from './picker-trigger.tsx';

const loadRoot = () => import('./combobox-root.tsx');
const ComboboxRoot = lazy(async () => ({ default: (await loadRoot()).ComboboxRoot }));

export function Combobox(props: ComboboxProps) {
  const t = useT();
  const [used, setUsed] = useState(false);
  const { options, value, placeholder = t('combobox.placeholder'), label, disabled, className } = props;
  const closed = (
    <PickerTrigger
      popup="dialog"
      text={options.find((option) => option.value === value)?.label ?? null}
      placeholder={placeholder}
      icon={<ChevronsUpDown className="icon text-ink-3" aria-hidden />}
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
      <ComboboxRoot {...props} placeholder={placeholder} />
    </Suspense>
  );
}
