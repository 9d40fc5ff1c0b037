/** What the gateway is told, and how soon it stops being true: routes and grants over real rows. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import type { ApplicationId, EnvironmentId } from '../../domain/ids.ts';
import { signOut } from '../auth/sign-out.ts';
import { openEnvironment } from '../environments/open.ts';

describe('access of the gateway', () => {
  let bed: TestBed;
  let shift: number;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let id: EnvironmentId;
  let slug: string;
  beforeEach(async () => {
    shift = 0;
    bed = await openTestBed({ now: () => Date.now() + shift, env: { SESSION_HOURS: '10', SESSION_IDLE_HOURS: '10' } });
    person = await bed.signIn('ada');
    const launched = await person.api.environments.launch({
      clientKey: 'key-00001',
      applicationId: bed.container.deps.applications.findBySlug('terminal')?.id as ApplicationId,
      name: 'Lab',
      size: { cpuMillicores: 500, memoryMiB: 512, gpus: 0 },
      storage: { kind: 'automatic' },
    });
    id = launched.id;
    slug = launched.slug;
    await eventually(() => bed.container.deps.environments.find(id)?.phase === 'running');
  });
  afterEach(() => bed.close());

  const resolve = async () => (await bed.container.resolver.resolve(slug))?.phase ?? null;
  const check = async (cookie: string, environmentId = id) =>
    (await bed.container.authorizer.check(cookie, environmentId)) !== null;
  async function enter(): Promise<{ ticket: string; cookie: string }> {
    const { url } = openEnvironment(bed.container.deps, person.actor, { id, to: '/' });
    const ticket = new URL(url).searchParams.get('ticket') ?? '';
    const redeemed = await bed.container.authorizer.redeem(ticket, id);
    if (!redeemed) throw new Error('the ticket was not taken');
    return { ticket, cookie: redeemed.cookie };
  }

  it('routes what runs, and tells of a stop at once', async () => {
    expect(await resolve()).toBe('running');
    await person.api.environments.stop({ id });
    expect(await resolve()).not.toBe('running');
  });

  it('keeps no route that was being read while it changed', async () => {
    const spawner = bed.container.deps.spawnerOf('memory');
    const { poll } = spawner;
    let answer = () => {};
    const held = new Promise<void>((go) => {
      answer = go;
    });
    const old = await poll(id);
    let first = true;
    spawner.poll = async (asked) => {
      if (!first) return poll(asked);
      first = false;
      await held;
      return old;
    };
    const reading = resolve();
    await person.api.environments.stop({ id });
    await eventually(() => bed.container.deps.environments.find(id)?.phase === 'stopped');
    answer();
    await reading;
    expect(await resolve()).toBe('stopped');
  });

  it('takes a ticket once, for its own environment, in its time', async () => {
    const { ticket } = await enter();
    expect(await bed.container.authorizer.redeem(ticket, id)).toBeNull();
    const { url } = openEnvironment(bed.container.deps, person.actor, { id, to: '/' });
    const other = new URL(url).searchParams.get('ticket') ?? '';
    expect(await bed.container.authorizer.redeem(other, 'env-00000000000000000000' as EnvironmentId)).toBeNull();
    const late = new URL(openEnvironment(bed.container.deps, person.actor, { id, to: '/' }).url);
    shift = 31_000;
    expect(await bed.container.authorizer.redeem(late.searchParams.get('ticket') ?? '', id)).toBeNull();
    for (const junk of ['', 'x', '\0', 'x'.repeat(100_000)])
      expect(await bed.container.authorizer.redeem(junk, id)).toBeNull();
  });

  it('checks cookies against session and owner, and forgets a grant at sign-out', async () => {
    const { cookie } = await enter();
    expect(await check(cookie)).toBe(true);
    expect(await check(cookie, 'env-00000000000000000000' as EnvironmentId)).toBe(false);
    for (const wrong of ['', `${cookie}x`, cookie.slice(1), 'x'.repeat(600)]) expect(await check(wrong)).toBe(false);
    signOut(bed.container.deps, person.actor);
    expect(await check(cookie)).toBe(false);
  });

  it('lets an expired session go within seconds, also when the clock was put back in between', async () => {
    const { cookie } = await enter();
    shift = 5 * 3_600_000;
    expect(await check(cookie)).toBe(true);
    // Back by an hour: what was remembered an hour "from now" must not stay for an hour.
    shift = 4 * 3_600_000;
    bed.container.deps.db.drizzle.run('delete from sessions');
    expect(await check(cookie)).toBe(false);
  });
});
