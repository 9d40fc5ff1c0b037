/** Test program: a whole server with pages of one word, configured by its environment. A signal ends it like the real one. */
import { fileURLToPath } from 'node:url';
import { checkConfig } from '../check-config.ts';
import { readEnvironment } from '../config.ts';
import { explain } from '../explain.ts';
import { startServer } from '../run-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
try {
  const env = readEnvironment([]);
  await startServer({
    config: await checkConfig(env),
    env,
    paths: { root, migrations: `${root}/prisma-free-db/migrations`, programs: `${root}/dist/programs` },
    openPages: async () => ({
      handle: async (_req, res) => void res.end('page'),
      upgrade: null,
      close: async () => {},
    }),
  });
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
