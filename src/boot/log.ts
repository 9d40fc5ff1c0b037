/** The server's own log: one line an entry, to standard error. Values are facts, never secrets: no cookies, tickets, links, variables. */
import type { Logger } from '../ports/provider.ts';

const ORDER = { error: 0, warn: 1, info: 2 } as const;

export function createLogger(options: {
  level: keyof typeof ORDER;
  format: 'text' | 'json';
  write?: (line: string) => void;
}): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const at =
    (level: keyof typeof ORDER) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (ORDER[level] > ORDER[options.level]) return;
      const time = new Date().toISOString();
      if (options.format === 'json') return write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
      const facts = Object.entries(fields).map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
      );
      write(`${time} ${level.padEnd(5)} ${message}${facts.join('')}\n`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
