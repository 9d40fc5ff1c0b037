import type { ReactNode } from 'react';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One or two sentences under the title. */
  description?: ReactNode;
  /** Buttons, the main one last; a form's submit button refers to it by `form="id"`. */
  footer?: ReactNode;
  /** sm 420 px (questions), md 560 px (forms), lg 880 px (launch, pickers). */
  size?: 'sm' | 'md' | 'lg';
  children?: ReactNode;
}
