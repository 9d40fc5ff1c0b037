/** What a Table is made of. */
import type { ReactNode } from 'react';

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** CSS width: `120px`, `30%`; columns without one share what is left. */
  width?: string;
  align?: 'left' | 'right';
  /** Makes the header a sort button. Sorted here by this value unless the table's sorting is `manual`. */
  sortValue?: (row: Row) => string | number | null;
  /** Sortable although only the server knows the value (manual sorting). */
  sortable?: boolean;
  /** Not shown on narrower screens: a phone never scrolls sideways. */
  hideBelow?: 'sm' | 'md' | 'lg' | 'xl';
  /** Header only for screen readers (icons, actions). */
  hideHeader?: boolean;
}

export interface Sort {
  id: string;
  desc: boolean;
}

export interface TableProps<Row> {
  /** Accessible name. */
  label: string;
  /** Keep it stable between renders (module scope or useMemo). */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** What a row is called: “Select {name}”. Needed with selection. */
  rowName?: (row: Row) => string;
  sort?: Sort | null;
  onSortChange?: (sort: Sort) => void;
  /** `manual`: rows come sorted from the server. */
  sorting?: 'here' | 'manual';
  selected?: ReadonlySet<string>;
  onSelectedChange?: (selected: ReadonlySet<string>) => void;
  /** Letters typed on a row go to the next row whose `rowName` begins with them. */
  typeAhead?: boolean;
  /** Enter, or a click that hits no control. */
  onOpen?: (row: Row) => void;
  /** CSS height limit, e.g. `calc(100dvh - 240px)`: scrolls inside and draws only the visible rows. */
  maxHeight?: string;
  /** Called when the end comes into view (next page). Needs `maxHeight`. */
  onEndReached?: () => void;
  /** Rows of the skeleton while loading; 0 = loaded. */
  loadingRows?: number;
  /** Instead of the body when there are no rows. */
  empty?: ReactNode;
  className?: string;
}

export const HIDE = {
  sm: 'max-sm:hidden',
  md: 'max-md:hidden',
  lg: 'max-lg:hidden',
  xl: 'max-xl:hidden',
} as const;
