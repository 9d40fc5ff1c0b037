import type { HTMLAttributes, ReactElement, ReactNode } from 'react';

export interface MenuProps {
  /** One button that hands its attributes on to the DOM. */
  trigger: ReactElement<HTMLAttributes<HTMLElement>>;
  align?: 'start' | 'end';
  side?: 'top' | 'bottom' | 'right';
  children: ReactNode;
}
