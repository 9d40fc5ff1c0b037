/** Next, which renders the pages and nothing else. Its upgrade listener is kept away from our server. */
import { createServer } from 'node:http';
import next from 'next';
import type { Pages } from './http-server.ts';
import type { Paths } from './paths.ts';

export async function openPages(
  paths: Paths,
  options: { development: boolean; port: number },
): Promise<Pages & { close(): Promise<void> }> {
  const app = next({
    dev: options.development,
    dir: paths.root,
    httpServer: createServer(),
    hostname: 'localhost',
    port: options.port,
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    handle: (req, res) => handle(req, res),
    upgrade: options.development ? app.getUpgradeHandler() : null,
    close: () => app.close(),
  };
}
