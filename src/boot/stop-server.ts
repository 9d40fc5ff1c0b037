/** The orderly end of a server, by what it is at that moment: alone with its database, one of several that leads, or one that follows. */
import type { LeaderLog } from '../../prisma-free-db/replication/leader.ts';
import type { Background } from './background.ts';
import type { Container } from './container.ts';
import type { DataFolder } from './data-folder.ts';
import type { AppServer } from './http-server.ts';
import type { Following } from './replica/following.ts';
import type { Membership } from './replica/join.ts';
import { endInOrder, type Step } from './shutdown.ts';

export interface Leading {
  container: Container;
  background: Background;
  leader: LeaderLog;
}

export interface Running {
  server: AppServer;
  folder: DataFolder;
  membership: Membership;
  /** Settles when this server has become what it is about to become. */
  becoming: Promise<unknown>;
  /** Set while this server leads. */
  leading: Leading | null;
  /** How it serves when it does not lead any more. */
  standBy(): Promise<Following>;
  closePages(): Promise<void>;
  say(text: string): void;
}

export async function stopServer(running: Running): Promise<void> {
  const { server, membership, folder, say } = running;
  say('\nStopping. Environments end in good order and come back at the next start…');
  const rest: Step[] = [
    { name: 'pages', ms: membership.alone ? 5_000 : 500, run: running.closePages },
    { name: 'log of the database', ms: membership.alone ? 5_000 : 500, run: () => membership.close() },
    { name: 'data folder', ms: 500, run: async () => folder.release() },
  ];
  // What is half begun would be cut off in the middle; the election itself ends with the membership.
  const becoming: Step = { name: 'start', ms: 5_000, run: async () => void (await running.becoming.catch(() => {})) };
  membership.replica.abstain();
  if (membership.replica.role === 'candidate') await endInOrder([becoming]).catch(() => {});
  const { leading } = running;
  const steps = leading
    ? stepsOfLeader(running, leading)
    : [{ name: 'connections', ms: 5_000, run: () => server.close(3_000) }];
  await endInOrder([...steps, ...rest]);
  say('Stopped.');
}

/** Environments end first, while people can still see it; then sockets, loops, pages and the database, in this order. */
function stepsOfLeader(running: Running, { container, background, leader }: Leading): Step[] {
  const { server, membership } = running;
  const { reconciler } = container;
  const environments: Step = { name: 'environments', ms: 20_000, run: () => reconciler.stopEnvironments(15_000) };
  // What was launched or started while the others ended.
  const late: Step = { name: 'late environments', ms: 8_000, run: () => reconciler.stopEnvironments(5_000) };
  const loops = (ms: number): Step => ({ name: 'background loops', ms, run: () => background.stop() });
  const handover: Step = { name: 'handover of the database', ms: 5_000, run: () => leader.handover() };
  const close = (ms: number): Step => ({ name: 'providers and database', ms, run: () => container.close() });
  if (membership.alone)
    return [
      environments,
      { name: 'connections', ms: 5_000, run: () => server.close(3_000) },
      ...[late, loops(5_000), handover, close(10_000)],
    ];
  // Others wait to go on: where environments outlive the server, all of it takes less than twenty seconds.
  return [
    environments,
    {
      name: 'requests under way',
      ms: 4_000,
      async run() {
        // New ones wait for the successor; those that were begun are still answered from here.
        running.leading = null;
        server.follow(await running.standBy());
        await server.settle(3_500);
      },
    },
    ...[late, loops(3_000), handover],
    { name: 'successor', ms: 1_000, run: async () => membership.replica.retire() },
    { name: 'connections', ms: 4_000, run: () => server.close(3_000) },
    close(1_500),
  ];
}
