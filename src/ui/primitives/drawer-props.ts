import type { ReactNode } from 'react';

export interface DrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Beside the title, before Close. */
  actions?: ReactNode;
  /** md 420 px (default), lg 640 px; phones always full width. */
  size?: 'md' | 'lg';
  /** It shows more than it asks: the focus goes to the drawer and not to its first field. */
  details?: boolean;
  children: ReactNode;
}
