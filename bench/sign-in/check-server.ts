/**
 * A process with the real router over a real database, and no limits. Below /checked/ every call asks who is signed in, as the
 * server does; below /unchecked/ it is told. Whatever one costs more than the other is the session check.
 */
import { createServer } from 'node:http';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import { createContext } from '../../src/api/context.ts';
import { appRouter } from '../../src/api/root.ts';
import { openTestBed } from '../../src/boot/test-bed.ts';
import { randomText } from '../../src/domain/ids.ts';

const bed = await openTestBed({ reconcile: false });
const { deps } = bed.container;
const { actor, cookie } = await bed.signIn('ada');
const CHECKED = '/checked/';
const UNCHECKED = '/unchecked/';

const server = createServer((req, res) => {
  const url = req.url ?? '/';
  const checks = url.startsWith(CHECKED);
  void nodeHTTPRequestHandler({
    router: appRouter,
    req,
    res,
    path: url.slice(checks ? CHECKED.length : UNCHECKED.length),
    createContext: async () => (checks ? createContext(deps, req) : { deps, actor, correlationId: randomText(10) }),
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0, cookie });
});
process.once('disconnect', async () => {
  server.closeAllConnections();
  await bed.close();
  process.exit(0);
});
