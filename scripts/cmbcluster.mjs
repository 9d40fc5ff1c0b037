#!/usr/bin/env node
/** `npx cmbcluster <command>`: runs a command of this checkout on Node 24, building first when the sources changed. */
import './node-version.mjs';
import { join } from 'node:path';
import { DIST } from './checkout.mjs';
import { foreground } from './foreground.mjs';
import { prepare } from './prepare.mjs';
import { explain } from './steps.mjs';

try {
  process.exitCode = await foreground(await prepare(), [join(DIST, 'cli.mjs'), ...process.argv.slice(2)]);
} catch (error) {
  process.exitCode = explain(error);
}
