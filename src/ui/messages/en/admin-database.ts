/** Words of the page about the database's log, for administrators. */
import type { LogCondition } from '../../../domain/database-log.ts';

const conditions = {
  'adminDatabase.state.stored': 'Stored',
  'adminDatabase.state.late': 'Behind',
  'adminDatabase.state.unreachable': 'Store away',
  'adminDatabase.state.handing-over': 'Handing over',
  'adminDatabase.state.ended': 'Ended',
} as const satisfies Record<`adminDatabase.state.${LogCondition}`, string>;

const sentences = {
  'adminDatabase.says.stored': 'Everything acknowledged is stored.',
  'adminDatabase.says.late': 'Changes wait for the store.',
  'adminDatabase.says.unreachable': 'The store does not answer.',
  'adminDatabase.says.handing-over': 'Another server takes over.',
  'adminDatabase.says.ended': 'This server no longer keeps the database.',
} as const satisfies Record<`adminDatabase.says.${LogCondition}`, string>;

export const adminDatabase = {
  ...conditions,
  ...sentences,
  'adminDatabase.title': 'Database',
  'adminDatabase.description':
    'People, environments, settings and the audit trail: where they are kept, and how safely.',
  'adminDatabase.failedWhat': 'The state of the database could not be read',
  'adminDatabase.stale': 'The server did not answer just now. What you see is from {time}.',

  'adminDatabase.stored.ago': 'Last change stored {ago} ago.',
  'adminDatabase.stored.never': 'Nothing has changed since this server leads.',
  'adminDatabase.late.text':
    'The oldest change has waited {age}. Nobody was told that it is done before it is; those who asked wait with it.',
  'adminDatabase.unreachable.text':
    'For {ago} no call succeeded. Everything acknowledged is stored; changes wait until the store answers.',
  'adminDatabase.handing-over.text': 'This one has stored all that it acknowledged, and takes no more changes.',
  'adminDatabase.ended.text': 'It stops and starts anew; another one may lead by now. Its log says why.',
  'adminDatabase.refuses': 'Pages wait and new changes are refused until the store catches up.',
  'adminDatabase.remedy':
    'Most often it is the network, or a right in the bucket that somebody took away. Nothing has to be repaired afterwards. To find out:',

  'adminDatabase.lag': 'Oldest change not stored yet',
  'adminDatabase.lag.label': 'Age of the oldest change that was not stored yet, over the last {span}: now {age}',
  'adminDatabase.lag.since': '{span} ago',
  'adminDatabase.lag.now': 'now',
  'adminDatabase.lag.late': 'late: {age}',

  'adminDatabase.slot': 'Slot',
  'adminDatabase.slot.hint': 'epoch {epoch}: one for each leader',
  'adminDatabase.latency': 'A write takes',
  'adminDatabase.latency.hint': '99 of 100 less than {p99}',
  'adminDatabase.latency.none': 'no slot written yet',
  'adminDatabase.snapshot': 'Last snapshot',
  'adminDatabase.snapshot.base': 'whole, {size} in {time}',
  'adminDatabase.snapshot.diff': 'difference, {size} in {time}',
  'adminDatabase.snapshot.none': 'None yet',
  'adminDatabase.snapshot.none.hint': 'since this server leads',
  'adminDatabase.size': 'Database',
  'adminDatabase.size.restored': 'restored in {time} at the start',
  'adminDatabase.size.fresh': 'began with this server',

  'adminDatabase.take': 'Take a snapshot now',
  'adminDatabase.take.stored': 'The snapshot is stored.',
  'adminDatabase.take.underWay': 'The snapshot is under way.',
  'adminDatabase.take.underWay.detail': 'It appears here when it is stored.',

  'adminDatabase.log': 'Log',
  'adminDatabase.log.text':
    'Each slot holds the changes of a moment and is written once, never changed. A snapshot shortens the way back to now.',
  'adminDatabase.log.place': 'Lies in',
  'adminDatabase.log.encrypted': 'Encryption',
  'adminDatabase.log.encrypted.yes': 'On',
  'adminDatabase.log.encrypted.no': 'Off',
  'adminDatabase.log.stored': 'Stored by this server',
  'adminDatabase.log.changes': { one: '{count} change', other: '{count} changes' },
  'adminDatabase.log.slots': { one: '{count} slot', other: '{count} slots' },
  'adminDatabase.log.in': '{changes} in {slots}',
  'adminDatabase.log.since': 'Since the last snapshot',
  'adminDatabase.log.amount': '{slots}; {size} by this server',
  'adminDatabase.log.retention': 'Can be restored',
  'adminDatabase.log.retention.back': 'to any moment of the last {time}',
  'adminDatabase.log.retention.none': 'to its present only',
  'adminDatabase.log.collected': 'Cleared away',
  'adminDatabase.log.objects': { one: '{count} object', other: '{count} objects' },

  'adminDatabase.store': 'Store',
  'adminDatabase.store.text': 'How the bucket behaved since this server leads.',
  'adminDatabase.store.puts': 'Writes',
  'adminDatabase.store.retries': '{puts}, {retries} tried again',
  'adminDatabase.store.pending': 'Waiting for the next slot',
  'adminDatabase.store.checkpoint': 'Longest pause of changes',
  'adminDatabase.store.error': 'Last error',
  'adminDatabase.store.error.none': 'None',

  'adminDatabase.servers': 'Servers',
  'adminDatabase.servers.text': 'One server leads and writes; others forward to it, and take over when it ends.',
  'adminDatabase.servers.leader': 'Leader',
  'adminDatabase.servers.self': 'This server',
  'adminDatabase.servers.owner': 'Named in the log',
  'adminDatabase.servers.url': 'Reached at',
  'adminDatabase.servers.lease': 'Lease',
  'adminDatabase.servers.lease.left': 'runs out in {time} unless renewed',
  'adminDatabase.servers.lease.none': 'not needed: only this server can reach the log',
  'adminDatabase.servers.followers': 'Followers',
  'adminDatabase.servers.followers.none': 'None',
  'adminDatabase.servers.restore': 'Restored at the start',
  'adminDatabase.servers.restore.text': '{size} in {time}, {slots} replayed',
  'adminDatabase.servers.restore.none': 'Nothing: the database began here',

  'adminDatabase.commands': 'Commands',
  'adminDatabase.commands.text':
    'On the machine of the server, with its settings. None of them changes the log that is in use.',
  'adminDatabase.commands.verify': 'Read the whole log and check it',
  'adminDatabase.commands.restore': 'Bring back the state of a moment, as a file',
  'adminDatabase.commands.status': 'The state of the log, on a terminal',

  'adminDatabase.none.title': 'This server keeps its database on local disk only',
  'adminDatabase.none.text':
    'A change counts once it is on the disk of this machine, and is lost with the disk: back up the data folder.',
} as const;
