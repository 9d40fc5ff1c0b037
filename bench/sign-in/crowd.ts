/** Many people who sign in by link at the built server: at a steady pace, and as fast as it goes. */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { quantile, type Row, type RunOptions } from '../report.ts';
import { openDatabase, ownerOf, seedPeople, withData } from '../seed.ts';
import { type BenchServer, newDataFolder, startServer } from '../server.ts';

const PEOPLE = 1_000;
const PACE = 200;
const SECONDS = 10;
const WARM_UP = 500;
const FLAT_OUT = 4_000;
const CONNECTIONS = 16;
const LINK_MS = 15 * 60_000;

export async function crowdRows({ json }: RunOptions): Promise<Row[]> {
  const server = await startServer();
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  try {
    const secrets = await seedLinks(server, WARM_UP + PACE * SECONDS + FLAT_OUT);
    const warm = secrets.splice(0, WARM_UP);
    const steady = secrets.splice(0, PACE * SECONDS);
    await together(warm, CONNECTIONS, (secret) => signIn(agent, server, secret));
    const pace = await atPace(steady, (secret) => signIn(agent, server, secret));
    if (!json) process.stderr.write('.');
    const begin = performance.now();
    const errors = await together(secrets, CONNECTIONS, (secret) => signIn(agent, server, secret));
    const rate = FLAT_OUT / ((performance.now() - begin) / 1000);
    if (!json) process.stderr.write('.');
    const floor = commitFloor();
    const bare = { peer: null, peerName: '', ratio: null };
    const [p50, p95] = [quantile(pace.latencies, 0.5), quantile(pace.latencies, 0.95)];
    return [
      {
        measure: `sign-ins by link, ${PACE} offered a second for ${SECONDS} s`,
        ...{ ours: pace.rate, ...bare, unit: '1/s', goal: `≥ ${PACE * 0.99} 1/s`, ok: pace.rate >= PACE * 0.99 },
      },
      { measure: 'of these, failed', ours: pace.errors, ...bare, unit: '', goal: 'none', ok: pace.errors === 0 },
      { measure: 'of these, p50', ours: p50, ...bare, unit: 'ms', goal: 'for scale', ok: true },
      { measure: 'of these, p95', ours: p95, ...bare, unit: 'ms', goal: 'for scale', ok: true },
      {
        measure: `sign-ins by link, ${CONNECTIONS} at once, as fast as it goes`,
        ...{ ours: rate, peer: floor, peerName: 'two durable commits each, nothing else', ratio: rate / floor },
        ...{ unit: '1/s', goal: `≥ ${PACE} 1/s`, ok: rate >= PACE },
      },
      { measure: 'of these, failed', ours: errors, ...bare, unit: '', goal: 'none', ok: errors === 0 },
    ];
  } finally {
    agent.destroy();
    await server.stop();
  }
}

/** Secrets of links, as the terminal prints them, of people who have been here before. */
function seedLinks(server: BenchServer, count: number): Promise<string[]> {
  return withData(server, (data) => {
    const { db, people } = data;
    const issuer = people.identitiesOf(ownerOf(data).id)[0]?.issuer ?? '';
    const ids = seedPeople(data, { from: 0, count: PEOPLE });
    const person = (i: number) => {
      const email = `link-${i % PEOPLE}@example.org`;
      return { issuer, subject: email, email, name: `Person ${i % PEOPLE}` };
    };
    const secrets = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
    db.write(() => {
      ids.forEach((id, i) => {
        people.insertIdentity({ ...person(i), emailVerified: true }, id, Date.now());
      });
      secrets.forEach((secret, i) => {
        const hash = createHash('sha256').update(secret).digest('base64url');
        people.insertLink({ hash, ...person(i), expiresAt: Date.now() + LINK_MS });
      });
    });
    return secrets;
  });
}

/** @throws when the answer is no session */
function signIn(agent: Agent, { port }: BenchServer, secret: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: `localhost:${port}`,
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      'user-agent': 'bench',
    };
    const path = '/api/auth/link';
    const req = request({ agent, host: '127.0.0.1', port, method: 'POST', path, headers }, (res) => {
      res.resume();
      res.on('error', reject);
      res.on('end', () => {
        const signedIn = res.statusCode === 200 && res.headers['set-cookie']?.[0]?.includes('session=');
        if (signedIn) resolve();
        else reject(new Error(`no session: ${res.statusCode}`));
      });
    });
    req.on('error', reject);
    req.end(JSON.stringify({ secret }));
  });
}

/** As people come, whether those before them are in or not: how long each took from when it was due. */
async function atPace(
  secrets: readonly string[],
  call: (secret: string) => Promise<void>,
): Promise<{ latencies: number[]; errors: number; rate: number }> {
  const latencies: number[] = [];
  const under: Promise<void>[] = [];
  let errors = 0;
  const begin = performance.now();
  for (const [i, secret] of secrets.entries()) {
    const due = begin + (i * 1000) / PACE;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    under.push(
      call(secret).then(
        () => void latencies.push(performance.now() - due),
        () => {
          errors += 1;
        },
      ),
    );
  }
  await Promise.all(under);
  // The last one is due one step before the end.
  const seconds = (performance.now() - begin) / 1000 + 1 / PACE;
  return { latencies, errors, rate: latencies.length / Math.max(SECONDS, seconds) };
}

/** @returns how many failed */
async function together<T>(items: readonly T[], atOnce: number, call: (item: T) => Promise<unknown>): Promise<number> {
  let next = 0;
  let errors = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++])
      await call(item).catch(() => {
        errors += 1;
      });
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return errors;
}

/** Sign-ins a second that the disk would allow: one commit takes the link, one makes the session. */
function commitFloor(): number {
  const folder = newDataFolder();
  try {
    const { db, people } = openDatabase(join(folder, 'floor.sqlite'));
    const identity = { issuer: 'floor', subject: 'floor', email: 'floor@example.org', name: 'Floor' };
    const count = 500;
    const begin = performance.now();
    for (let i = 0; i < count; i += 1) {
      db.write(() => people.insertLink({ hash: String(i), ...identity, expiresAt: 1 }));
      db.write(() => people.takeLink(String(i)));
    }
    const rate = count / ((performance.now() - begin) / 1000);
    void db.close();
    return rate;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
