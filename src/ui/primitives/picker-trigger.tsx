'use client';
/** The closed state of Select and Combobox, before their library is loaded. */
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import { CONTROL, CONTROL_HEIGHT } from './control-look.ts';
import { useField } from './field.tsx';

interface PickerTriggerProps {
  popup: 'listbox' | 'dialog';
  /** What is chosen. */
  text: string | null;
  placeholder: string;
  icon: ReactNode;
  label: string | undefined;
  disabled: boolean | undefined;
  className: string | undefined;
  /** The pointer or the focus arrived: time to load. */
  onReach: () => void;
  onOpen: () => void;
}

export const PICKER = 'flex items-center justify-between gap-2 text-left';

export function PickerTrigger(props: PickerTriggerProps) {
  const field = useField();
  return (
    <button
      type="button"
      role="combobox"
      aria-haspopup={props.popup}
      aria-expanded={false}
      aria-label={props.label}
      disabled={props.disabled}
      onPointerEnter={props.onReach}
      onFocus={props.onReach}
      onClick={props.onOpen}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
        event.preventDefault();
        props.onOpen();
      }}
      {...field}
      className={cx(CONTROL, CONTROL_HEIGHT, PICKER, props.text === null && 'text-ink-3', props.className)}
    >
      <span className="truncate">{props.text ?? props.placeholder}</span>
      {props.icon}
    </button>
  );
}
