import type { ReactNode } from 'react';

export interface DrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Beside the title, before Close. */
  actions?: ReactNode;
  /** md 420 px (default), lg 640 px; phones always full width. */
  size?: 'md' | 'lg';
  children: ReactNode;
}
