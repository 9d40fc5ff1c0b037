import { examine } from '../boot/doctor.ts';
import { type Command, takeOptions } from './command.ts';

/** `doctor`: checks configuration, providers and data folder without starting. */
export const doctor: Command = async (args) => {
  const { flags, rest } = takeOptions(args, { values: [], flags: ['--json'] });
  const checks = await examine(rest);
  const healthy = checks.every((check) => check.ok);
  const lines = checks.map(({ name, ok, message }) => `  ${ok ? '✓' : '✗'} ${name.padEnd(20)} ${message}`);
  process.stdout.write(flags.has('--json') ? `${JSON.stringify({ ok: healthy, checks })}\n` : `${lines.join('\n')}\n`);
  return healthy ? 0 : 1;
};
