/** The command line: one file a command. Runs beside the server and talks to it, or to the bucket of its log; never opens its database. */
import { explain } from '../boot/explain.ts';
import type { Command } from './command.ts';

const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  link: {
    summary: 'print a one-time sign-in link   [--user <email>] [--data <folder>] [--json]',
    load: async () => (await import('./link.ts')).link,
  },
  orphans: {
    summary: 'compare buckets and records, both ways   [--data <folder>] [--json]',
    load: async () => (await import('./orphans.ts')).orphans,
  },
  db: {
    summary: 'look at the database in its bucket, prove it, restore it, move it   <command> [--data <folder>] [--json]',
    load: async () => (await import('./db.ts')).db,
  },
  doctor: {
    summary: 'check configuration and data folder without starting   [--data <folder>] [--json]',
    load: async () => (await import('./doctor.ts')).doctor,
  },
};

const [name = 'help', ...args] = process.argv.slice(2);
const entry = COMMANDS[name];
if (!entry) {
  const known = Object.entries(COMMANDS).map(([command, { summary }]) => `  ${command.padEnd(8)} ${summary}`);
  process.stdout.write(`Usage: cmbcluster <command>\n\n${known.join('\n')}\n`);
  process.exit(name === 'help' || name === '--help' ? 0 : 2);
}
try {
  process.exit(await (await entry.load())(args));
} catch (error) {
  process.stderr.write(`${explain(error).replace('CMBCluster cannot start. ', '')}\n`);
  process.exit(1);
}
