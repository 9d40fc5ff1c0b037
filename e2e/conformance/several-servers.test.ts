/** Two and three whole servers on one log: one leads, the others forward, and what was confirmed outlives whoever confirmed it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Instance, TestDeployment } from '../../src/boot/replica/test-deployment.ts';
import { eventually } from '../../src/boot/test-bed.ts';

const create = (cookie: string, displayName: string) => ({
  method: 'POST',
  path: '/api/trpc/storages.create',
  headers: { cookie, 'content-type': 'application/json' },
  body: JSON.stringify({ displayName }),
});

async function names(through: Instance, cookie: string): Promise<string[]> {
  const { status, text } = await through.call({ path: '/api/trpc/storages.list', headers: { cookie } });
  if (status !== 200) throw new Error(`list: ${status} ${text}`);
  const { result } = JSON.parse(text) as { result: { data: { displayName: string }[] } };
  return result.data.map(({ displayName }) => displayName);
}

describe('several servers', () => {
  let deployment: TestDeployment;
  beforeEach(async () => {
    deployment = new TestDeployment();
    await deployment.init();
  });
  afterEach(() => deployment.close());

  it('one leads, the other forwards; a leader that is killed is followed by the other, and nothing confirmed is lost', async () => {
    const first = await deployment.start('first');
    await deployment.leader([first]);
    const second = await deployment.start('second');
    await eventually(async () => (await second.role()) === 'follower');
    const cookie = await deployment.signIn(second);
    expect((await second.call(create(cookie, 'Before'))).status).toBe(200);
    expect(await names(first, cookie)).toContain('Before');

    const began = performance.now();
    first.process.kill('SIGKILL');
    // Sent while nobody leads: held, and answered by this server itself.
    const held = await second.call(create(cookie, 'Held'));
    const waited = performance.now() - began;
    expect(held.status).toBe(200);
    expect(waited).toBeLessThan(9_000);
    expect(await deployment.leader([second])).toBe(second);
    expect(await names(second, cookie)).toEqual(expect.arrayContaining(['Before', 'Held']));

    const again = await deployment.start('first');
    await eventually(async () => (await again.role()) === 'follower');
    expect(await names(again, cookie)).toEqual(expect.arrayContaining(['Before', 'Held']));
  }, 40_000);

  it('a leader that is told to end hands over, and no request fails', async () => {
    const first = await deployment.start('first');
    await deployment.leader([first]);
    const others = [await deployment.start('second'), await deployment.start('third')];
    for (const other of others) await eventually(async () => (await other.role()) === 'follower');
    const cookie = await deployment.signIn(first);
    const statuses: number[] = [];
    let stop = false;
    const clients = [first, ...others].map(async (through) => {
      let server = through;
      while (!stop) {
        try {
          const { status } = await server.call({ path: '/api/trpc/profile.me', headers: { cookie } });
          statuses.push(status);
        } catch (error) {
          // Its socket does not listen any more: what stands before several servers then takes another one.
          if (server !== first || !String(error).includes('ECONNREFUSED')) throw error;
          server = others[0] ?? first;
        }
      }
    });
    const writer = (async () => {
      for (let i = 0; !stop; i += 1) {
        const answer = await (others[i % 2] as Instance).call({
          ...create(cookie, ''),
          path: '/api/trpc/profile.update',
          body: JSON.stringify({ preferences: { theme: i % 2 ? 'dark' : 'light' } }),
        });
        statuses.push(answer.status);
      }
    })();
    await eventually(() => statuses.length > 50);
    const began = performance.now();
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(20_000);
    await deployment.leader(others);
    const after = statuses.length;
    await eventually(() => statuses.length > after + 50);
    stop = true;
    await Promise.all([...clients, writer]);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  }, 40_000);

  it('leaders that are killed one after the other lose nothing that was confirmed', async () => {
    let all = [await deployment.start('first'), await deployment.start('second'), await deployment.start('third')];
    const cookie = await deployment.signIn(await deployment.leader(all));
    const set = (through: Instance, name: string) =>
      through.call({
        ...create(cookie, ''),
        path: '/api/trpc/secrets.variables.set',
        body: JSON.stringify({ variables: [{ name, value: name }] }),
      });
    const confirmed: string[] = [];
    let victims = 0;
    for (let i = 0; i < 90; i += 1) {
      const through = all[i % all.length] as Instance;
      const sent = set(through, `V${i}`);
      if (i === 30 || i === 60) {
        const leader = await deployment.leader(all);
        leader.process.kill('SIGKILL');
        all = all.filter((one) => one !== leader);
        victims += 1;
      }
      const status = await sent.then(
        (answer) => answer.status,
        () => null,
      );
      if (status === 200) confirmed.push(`V${i}`);
    }
    expect(victims).toBe(2);
    expect(confirmed.length).toBeGreaterThan(80);
    const [last] = all;
    const { text } = (await last?.call({ path: '/api/trpc/secrets.variables.list', headers: { cookie } })) ?? {
      text: '',
    };
    const kept = (JSON.parse(text) as { result: { data: { name: string }[] } }).result.data.map(({ name }) => name);
    expect(confirmed.filter((name) => !kept.includes(name))).toEqual([]);
  }, 60_000);

  it('a leader that stood still for too long ends when it wakes, and what it had under way is confirmed by nobody', async () => {
    const first = await deployment.start('first');
    await deployment.leader([first]);
    const second = await deployment.start('second');
    await eventually(async () => (await second.role()) === 'follower');
    const cookie = await deployment.signIn(second);
    first.process.kill('SIGSTOP');
    const late = first.call(create(cookie, 'Late')).then(
      ({ status }) => status,
      () => null,
    );
    expect(await deployment.leader([second])).toBe(second);
    expect((await second.call(create(cookie, 'Kept'))).status).toBe(200);
    first.process.kill('SIGCONT');
    expect(await first.ended).toBe(1);
    expect(await late).not.toBe(200);
    expect(first.output()).toContain('does not keep the database any more');
    const kept = await names(second, cookie);
    expect(kept).toContain('Kept');
    expect(kept).not.toContain('Late');
  }, 40_000);

  it('a place that holds no database is not begun by a start', async () => {
    const lost = deployment.start('lost', { DATABASE_PREFIX: 'mistyped' });
    await expect(lost).rejects.toThrow('cmbcluster db init');
  });

  it('servers with different keys do not trust each other, and say so', async () => {
    const first = await deployment.start('first');
    await deployment.leader([first]);
    const stranger = await deployment.start('stranger', {
      SECRET_KEY: 'another secret that the others have not got',
      DATABASE_ENCRYPTION_KEYS: 'a secret that all servers of this test share',
    });
    const answer = await stranger.call({ path: '/api/trpc/profile.me' });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('SECRET_KEY');
  });
});
