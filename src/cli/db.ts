/**
 * `db <command>`: looks at the database's log, proves it, brings it elsewhere. Works on the bucket itself, beside a running server or
 * without one; never opens the server's own database. Exit codes: 0 done, 1 failed, 2 wrong use, 3 the log or its storage is not to be trusted.
 */
import { pathToFileURL } from 'node:url';
import { type Env, readEnvironment } from '../boot/config.ts';
import { exitCodeOf } from '../boot/database/explain-log.ts';
import { withLog } from '../boot/database/session.ts';
import { explain } from '../boot/explain.ts';
import { pathsOf } from '../boot/paths.ts';
import type { Command } from './command.ts';
import { type DbCommand, type Given, WrongUse } from './db/db-command.ts';
import { gc } from './db/gc.ts';
import { importFrom } from './db/import.ts';
import { init } from './db/init.ts';
import { inspect } from './db/inspect.ts';
import { move } from './db/move.ts';
import { probe } from './db/probe.ts';
import { exportTo, restore } from './db/restore.ts';
import { status } from './db/status.ts';
import { verify } from './db/verify.ts';

const COMMANDS: Readonly<Record<string, DbCommand>> = {
  init,
  status,
  verify,
  inspect,
  restore,
  export: exportTo,
  import: importFrom,
  move,
  gc,
  probe,
};

/** What a run reads and writes; the process's own outside of tests. */
export interface DbIo {
  readonly env: Env;
  readonly migrationsDir: string;
  out(text: string): void;
  err(text: string): void;
}

export const db: Command = (args) => {
  const entry = pathToFileURL(process.argv[1] ?? '').href;
  const data = args.indexOf('--data');
  return runDb(data < 0 ? args : [...args.slice(0, data), ...args.slice(data + 2)], {
    env: readEnvironment(data < 0 ? [] : args.slice(data, data + 2)),
    migrationsDir: pathsOf(entry).migrations,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
};

/** The exit code. */
export async function runDb([name = 'help', ...args]: readonly string[], io: DbIo): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command || args.includes('--help')) {
    io.out(help(command && { name, command }));
    return command || name === 'help' || name === '--help' ? 0 : 2;
  }
  const json = args.includes('--json');
  try {
    const given = read(
      command,
      args.filter((arg) => arg !== '--json'),
    );
    const order = {
      ...{ env: io.env, migrationsDir: io.migrationsDir, leads: command.leads ?? false },
      say: (line: string) => io.err(`${line}\n`),
    };
    const outcome = await withLog(order, (session) => command.run(session, given));
    const code = outcome.code ?? 0;
    io.out(json ? `${JSON.stringify({ ok: code === 0, ...outcome.json })}\n` : `${outcome.text.join('\n')}\n`);
    return code;
  } catch (error) {
    if (error instanceof WrongUse) {
      io.err(`${error.message}\n\n${help({ name, command })}`);
      return 2;
    }
    const message = explain(error).replace('CMBCluster cannot start. ', '');
    if (json) io.out(`${JSON.stringify({ ok: false, error: message })}\n`);
    else io.err(`${message}\n`);
    return exitCodeOf(error);
  }
}

/** @throws WrongUse */
function read({ values = [], flags = [], words: [least, most] = [0, 0] }: DbCommand, args: readonly string[]): Given {
  const given = { values: {} as Record<string, string>, flags: new Set<string>(), words: [] as string[] };
  for (let i = 0; i < args.length; i += 1) {
    const [option = '', inline] = (args[i] ?? '').split(/=(.*)/s);
    if (!option.startsWith('--')) given.words.push(args[i] ?? '');
    else if (flags.includes(option) && inline === undefined) given.flags.add(option);
    else if (values.includes(option)) {
      const value = inline ?? args[++i];
      if (!value || value.startsWith('--')) throw new WrongUse(`${option} needs a value.`);
      given.values[option.slice(2)] = value;
    } else throw new WrongUse(`There is no option ${option} here.`);
  }
  if (given.words.length < least || given.words.length > most)
    throw new WrongUse(given.words.length < least ? 'Something is missing.' : `“${given.words[most]}” is too much.`);
  return given;
}

function help(one: { name: string; command: DbCommand } | undefined): string {
  const line = ({ name, command }: { name: string; command: DbCommand }) =>
    `  cmbcluster db ${name}${command.usage ? ` ${command.usage}` : ''}\n      ${command.summary}\n`;
  const all = Object.entries(COMMANDS).map(([name, command]) => line({ name, command }));
  return `Usage:\n${one ? line(one) : all.join('')}\nEach takes --data <folder> and --json. Progress goes to standard error.\nExit codes: 0 done, 1 failed, 2 wrong use, 3 the log or its storage is not to be trusted.\n`;
}
