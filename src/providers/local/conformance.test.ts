/** The local spawner against the specification of all spawners, with real processes. */
import { type Behaviour, describeSpawner, OUTPUT } from '../../ports/spawner/conformance.ts';
import { openTestBed } from './test-bed.ts';

const LISTEN =
  'const server = require("net").createServer((socket) => socket.end()).listen(process.env.CMBCLUSTER_SOCKET);';

const PROGRAMS: Record<Exclude<Behaviour, 'not-installed'>, string> = {
  serves: LISTEN,
  'never-listens': 'setInterval(() => {}, 1000)',
  'exits-at-once': 'process.exit(3)',
  'ignores-term': `process.on("SIGTERM", () => {}); ${LISTEN}`,
  crashes: `${LISTEN} server.on("connection", () => setTimeout(() => process.exit(4), 50))`,
  killed: `${LISTEN} server.on("connection", () => setTimeout(() => process.kill(process.pid, "SIGKILL"), 50))`,
  shows: `const read = (path) => { try { return require("fs").readFileSync(path, "utf8") } catch { return "-" } };
    console.log(process.env.SHOWN ?? "-"); console.log(read(process.env.HOME + "/.shown/file")); ${LISTEN}`,
  prints: `process.stdout.write(process.argv[1], () => { ${LISTEN} })`,
};

describeSpawner('local', async () => {
  const bed = await openTestBed();
  return {
    open: bed.open,
    spec: (behaviour) =>
      behaviour === 'not-installed'
        ? bed.spec(['cmbcluster-no-such-program'])
        : bed.program(PROGRAMS[behaviour], behaviour === 'prints' ? [OUTPUT] : []),
    patienceMs: 8_000,
    close: bed.close,
  };
});
