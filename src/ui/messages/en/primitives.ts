/** Words of the domain-free building blocks. */
export const primitives = {
  'unit.cores': { one: '{cores} core', other: '{cores} cores' },

  'action.cancel': 'Cancel',
  'action.close': 'Close',
  'action.clear': 'Clear',
  'action.copy': 'Copy',
  'action.copied': 'Copied',
  'action.copyFailed': 'The browser refused to copy. Select the text and copy it by hand.',
  'action.retry': 'Try again',
  'action.more': 'More actions',

  'field.optional': 'optional',

  'select.placeholder': 'Choose…',
  'combobox.placeholder': 'Choose…',
  'combobox.search': 'Search',
  'combobox.none': 'Nothing matches “{query}”.',

  'confirm.type': 'Type {word} to confirm',

  'table.selectAll': 'Select all rows',
  'table.selectRow': 'Select {name}',
  'table.selected': { one: '{count} selected', other: '{count} selected' },
  'table.clearSelection': 'Clear selection',
  'table.loading': 'Loading rows',

  'error.details': 'Details',
  'error.code': 'Code',
  'error.time': 'Time',
  'error.correlation': 'Correlation id',
  'error.copyDetails': 'Copy details',

  'log.search': 'Search the log',
  'log.matches': { zero: 'No matches', one: '{count} match', other: '{count} matches' },
  'log.position': '{current} of {total}',
  'log.previous': 'Previous match',
  'log.next': 'Next match',
  'log.follow': 'Follow',
  'log.wrap': 'Wrap lines',
  'log.label': 'Log output',
  'log.empty': 'No output yet.',
  'log.download': 'Download',

  'progress.of': '{done} of {total}',

  'timeline.done': 'done',
  'timeline.current': 'in progress',
  'timeline.waiting': 'waiting',
  'timeline.failed': 'failed',

  'skeleton.loading': 'Loading',
  'breadcrumb.label': 'Breadcrumb',
  'chip.remove': 'Remove {name}',
  'toast.region': 'Notifications',
} as const;
