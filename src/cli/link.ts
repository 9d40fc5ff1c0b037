import { readConfig, readEnvironment } from '../boot/config.ts';
import { requestLink } from '../boot/control-client.ts';
import { type Command, takeOptions } from './command.ts';

/** `link [--user <email>]`: a fresh one-time sign-in link from the running server. */
export const link: Command = async (args) => {
  const { values, flags, rest } = takeOptions(args, { values: ['--user'], flags: ['--json'] });
  const { dataDir } = readConfig(readEnvironment(rest));
  const made = await requestLink(dataDir, values['--user'] ?? null);
  process.stdout.write(
    flags.has('--json')
      ? `${JSON.stringify(made)}\n`
      : `\n  Sign-in link  ${made.url}\n                (works once, for 15 minutes)\n\n`,
  );
  return 0;
};
