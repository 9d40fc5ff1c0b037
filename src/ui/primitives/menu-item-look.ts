/** One row of a menu, whether it acts or chooses. */
export const MENU_ITEM_LOOK =
  'touch flex w-full cursor-default select-none items-center gap-2.5 rounded-sm px-2 py-1.5 text-left text-base outline-none data-disabled:opacity-50 data-highlighted:bg-hover';
