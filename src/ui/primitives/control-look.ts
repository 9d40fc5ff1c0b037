/** The look that text inputs, select and combobox triggers share. 16 px on touch screens: smaller text makes phones zoom in. */
export const CONTROL =
  'w-full min-w-0 rounded-sm border border-control bg-surface px-2.5 text-base text-ink transition-colors duration-100 pointer-coarse:text-lg ' +
  'hover:border-ink-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 ' +
  'aria-invalid:border-failed disabled:bg-sunken disabled:text-ink-3 disabled:hover:border-control [&[readonly]]:bg-sunken';

export const CONTROL_HEIGHT = 'h-8 pointer-coarse:h-11';
