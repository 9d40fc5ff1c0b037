import type { ReactNode } from 'react';

/** One value of a Select. */
export interface SelectOption {
  value: string;
  label: string;
  /** Second line. */
  hint?: ReactNode;
  disabled?: boolean;
}

export interface SelectProps {
  options: readonly SelectOption[];
  value: string | null;
  onChange: (value: string) => void;
  placeholder?: string;
  /** Accessible name where no Field labels it. */
  label?: string;
  disabled?: boolean;
  className?: string;
}
