/**
 * `npm start`: makes the checkout ready (install, build; nothing when nothing changed) and runs the server on Node 24.
 * `npm start -- link [--user email]` and `npm start -- doctor` run a command instead; anything else goes to the server as it is.
 * Dependency-free, runs on Node 20.
 */
import './node-version.mjs';
import { join } from 'node:path';
import { DIST, ROOT } from './checkout.mjs';
import { foreground } from './foreground.mjs';
import { prepare } from './prepare.mjs';
import { SERVER_FLAGS } from './server-flags.mjs';
import { explain } from './steps.mjs';

const args = process.argv.slice(2);
const isCommand = args[0] !== undefined && !args[0].startsWith('-');

try {
  const node = await prepare();
  const program = isCommand ? [join(DIST, 'cli.mjs')] : [...SERVER_FLAGS, join(DIST, 'server.mjs')];
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  process.exitCode = await foreground(node, [...program, ...args], { cwd: isCommand ? process.cwd() : ROOT, env });
} catch (error) {
  process.exitCode = explain(error);
}
