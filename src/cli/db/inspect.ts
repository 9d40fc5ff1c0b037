import { inspectObject, listContent } from '../../boot/database/survey.ts';
import type { DbCommand } from './db-command.ts';

const SHOWN_PAGES = 20;

/** `db inspect [key]`: the names of all objects, or what one says of itself. */
export const inspect: DbCommand = {
  summary: 'list the objects of the log, or tell what one says of itself',
  usage: '[key]',
  words: [0, 1],
  async run(session, { words: [key] }) {
    const { keys } = session.log;
    if (key === undefined) {
      const { slots, bases, diffs, strangers } = await listContent(session);
      const names = [
        ...bases.map((to) => keys.base(to)),
        ...diffs.map(({ base, to }) => keys.diff(base, to)),
        ...slots.map((seq) => keys.log(seq)),
        ...strangers,
      ];
      return { json: { keys: names }, text: names };
    }
    const facts = await inspectObject(session, key.startsWith(keys.root) ? key : keys.root + key);
    const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(10)} ${shown(value)}`);
    return { json: facts, text: lines, code: 'fault' in facts && facts.fault !== null ? 3 : 0 };
  },
};

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > SHOWN_PAGES)
    return `${value.slice(0, SHOWN_PAGES).join(' ')} … (${value.length})`;
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
