/** Words of what a storage keeps of replaced and deleted files. Keys begin with `kept.`. */
export const kept = {
  'kept.restore': 'Restore',
  'kept.restoreChosen': { one: 'Restore {count} file', other: 'Restore {count} files' },
  'kept.restoreFolder': 'Restore everything in “{folder}”',
  'kept.undo': 'Undo',
  'kept.none.title': 'Nothing is kept here',
  'kept.none.text': 'This storage keeps no older versions and no deleted files.',

  'kept.versions.title': 'Versions of “{name}”',
  'kept.versions.list': 'Versions, newest first',
  'kept.versions.open': 'Versions…',
  'kept.versions.current': 'Current',
  'kept.versions.replaced': 'replaced',
  'kept.versions.deleted': 'deleted',
  'kept.versions.download': 'Download this version',
  'kept.versions.restored': '“{name}” is again as it was on {time}.',
  'kept.versions.restoring': 'It is being brought back; the list changes by itself.',
  'kept.versions.older': 'Show older ones',
  'kept.versions.failedWhat': 'The versions could not be read',
  'kept.versions.empty.title': 'No versions',
  'kept.versions.empty.text': 'Nothing is kept of this file: it was never here, or its time is over.',
  'kept.versions.keptDays': {
    one: 'A version stays {count} day after it was replaced or deleted. Restoring one keeps all others.',
    other: 'A version stays {count} days after it was replaced or deleted. Restoring one keeps all others.',
  },
  'kept.versions.keptAlways': 'Versions stay until somebody removes them. Restoring one keeps all others.',

  'kept.deleted.title': 'Deleted files',
  'kept.deleted.at': 'Deleted',
  'kept.deleted.until': 'Gone for good',
  'kept.deleted.always': 'stays',
  'kept.deleted.keptDays': {
    one: 'Deleted files can be restored for {count} day.',
    other: 'Deleted files can be restored for {count} days.',
  },
  'kept.deleted.keptAlways': 'Deleted files can be restored until somebody removes them for good.',
  'kept.deleted.failedWhat': 'The deleted files could not be read',
  'kept.deleted.empty.title': 'Nothing to restore',
  'kept.deleted.empty.text': 'No file that was deleted here or in the folders below is still kept.',

  'kept.purge.open': 'Delete for good…',
  'kept.purge.title': 'Delete this version for good?',
  'kept.purge.text':
    'The version of {time}, {size}, is removed now. Other versions of the file stay. This cannot be undone.',
  'kept.purge.action': 'Delete for good',
  'kept.purge.done': 'One version of “{name}” is gone for good.',
} as const;
