/** Test program: opens the data folder given as its argument, says how that went, and holds it until told or killed. */
import { isAppError } from '../domain/errors.ts';
import { openDataFolder } from './data-folder.ts';

const [, , path = ''] = process.argv;
try {
  const folder = openDataFolder(path);
  folder.announce({ pid: process.pid, port: 9, url: 'http://localhost:9', startedAt: Date.now() });
  process.on('message', () => {
    folder.release();
    process.disconnect();
  });
  process.send?.('holds');
} catch (error) {
  const code = isAppError(error) ? error.code : String(error);
  process.stdout.write(`${code}: ${error instanceof Error ? error.message : ''}\n`);
  process.send?.(code, () => process.disconnect());
}
