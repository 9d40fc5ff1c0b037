/**
 * Lists of large deployments. Environments are asked for over HTTP at one connection, so their figure holds the server's time and
 * the client's; people have no route yet and are read through their repository. The first page beside the last one, and a small
 * deployment beside a large one, show that neither depth nor size costs.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditFilter } from '../prisma-free-db/repositories/audit.ts';
import type { UserPage } from '../prisma-free-db/repositories/user-directory.ts';
import { httpLoad } from './gateway/load.ts';
import { machine, median, type Report, type Row, type RunOptions } from './report.ts';
import { openDatabase, ownerOf, seedEnvironments, seedPeople, seedTrail, withData } from './seed.ts';
import { newDataFolder, startServer } from './server.ts';

const ROUNDS = 7;
const FLAT = 2;

export async function run({ json }: RunOptions): Promise<Report> {
  const note = (text: string) => !json && process.stderr.write(`${text}\n`);
  note('10,000 environments');
  const environments = await environmentRows();
  note('100,000 people');
  const people = peopleRows();
  note('1,000,000 entries of the audit trail');
  return { name: 'lists', machine: machine(), rows: [...environments, ...people, ...trailRows()] };
}

async function environmentRows(): Promise<Row[]> {
  const server = await startServer();
  try {
    const time = async (input: unknown): Promise<number> => {
      const request = server.rawQuery('environments.list', input);
      const { latencies } = await httpLoad({ port: server.port, request, connections: 1, requests: 60 });
      return median(latencies);
    };
    await withData(server, (data) => seedEnvironments(data, ownerOf(data).id, 100));
    await time({ limit: 50 });
    const small = await rounds(() => time({ limit: 50 }));
    const oldest = await withData(server, (data) => {
      const owner = ownerOf(data).id;
      seedEnvironments(data, owner, 9_900);
      return data.environments.page(owner, { after: null, limit: 9_951 }).at(9_949);
    });
    if (!oldest) throw new Error('the seed is too small');
    const last = { limit: 50, cursor: `${oldest.createdAt}.${oldest.id}` };
    await time(last);
    const [first, deep] = await paired(
      () => time({ limit: 50 }),
      () => time(last),
    );
    return [
      row('environments.list, first page of 50 of 10,000', first, { value: small, name: 'of 100 environments' }),
      row('environments.list, last page of 50 of 10,000', deep, { value: first, name: 'first page' }),
    ];
  } finally {
    await server.stop();
  }
}

export function peopleRows(): Row[] {
  const folder = newDataFolder();
  const data = openDatabase(join(folder, 'control.sqlite'));
  try {
    const page = (after: Parameters<typeof data.people.pageUsers>[0]['after']): number => {
      const times = Array.from({ length: 40 }, () => {
        const begin = performance.now();
        if (data.people.pageUsers({ after, limit: 200 }).length !== 200) throw new Error('not a whole page');
        return performance.now() - begin;
      });
      return median(times);
    };
    seedPeople(data, { from: 0, count: 1_000 });
    page(null);
    const small = median(Array.from({ length: ROUNDS }, () => page(null)));
    seedPeople(data, { from: 1_000, count: 99_000 });
    const last = { email: 'person-098799@example.org', id: '￿' as never };
    const firsts: number[] = [];
    const lasts: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      firsts.push(page(null));
      lasts.push(page(last));
    }
    const first = median(firsts);
    const list = (filter: Partial<UserPage>) =>
      medianOf(() => data.directory.page({ order: 'name', descending: false, after: null, limit: 50, ...filter }));
    return [
      bounded('admin.users.list, every name of 100,000', list({})),
      bounded('admin.users.list, a search that many fit', list({ search: 'example', order: 'created' })),
      bounded('admin.users.list, a search that few fit', list({ search: '98765' })),
      bounded('admin.users.list, two characters that nobody has', list({ search: 'qz' })),
      bounded('admin.users.list, a role and a search', list({ role: 'user', search: 'person 7' })),
      row('people, first page of 200 of 100,000', first, { value: small, name: 'of 1,000 people' }),
      row('people, last page of 200 of 100,000', median(lasts), { value: first, name: 'first page' }),
    ];
  } finally {
    data.db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function trailRows(): Row[] {
  const folder = newDataFolder();
  const data = openDatabase(join(folder, 'control.sqlite'));
  try {
    seedTrail(data, 1_000_000);
    const list = (filter: AuditFilter) => medianOf(() => data.audit.page(filter, { before: null, limit: 50 }));
    return [
      bounded('admin.audit.list, newest of 1,000,000', list({})),
      bounded('admin.audit.list, one word', list({ text: '4711' })),
      bounded('admin.audit.list, several words', list({ text: 'person 10.0.249.96' })),
      bounded('admin.audit.list, refused ones', list({ result: 'denied' })),
      bounded('admin.audit.list, an action and a word', list({ action: 'object.download', text: '4711' })),
      bounded('admin.audit.list, what nobody did', list({ result: 'failed', targetKind: 'storage' })),
    ];
  } finally {
    data.db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function medianOf(work: () => unknown): number {
  const times = Array.from({ length: 21 }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  return median(times);
}

/** A page, short or not, whose cost has a bound of its own. */
function bounded(measure: string, ours: number): Row {
  return { measure, ours, peer: null, peerName: '', ratio: null, unit: 'ms', goal: '≤ 5 ms', ok: ours <= 5 };
}

async function rounds(measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) values.push(await measure());
  return median(values);
}

async function paired(a: () => Promise<number>, b: () => Promise<number>): Promise<[number, number]> {
  const values: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i += 1) {
    values[0].push(await a());
    values[1].push(await b());
  }
  return [median(values[0]), median(values[1])];
}

function row(measure: string, ours: number, peer: { value: number; name: string }): Row {
  const ratio = ours / peer.value;
  return {
    measure,
    ours,
    peer: peer.value,
    peerName: peer.name,
    ratio,
    unit: 'ms',
    goal: `≤ 5 ms, ≤ ${FLAT} × beside`,
    ok: ours <= 5 && ratio <= FLAT,
  };
}
