/**
 * A server that is killed at any moment loses nothing: environments go on, are found again, and exist exactly once. One that is
 * told to end takes them down in good order and brings them back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, type Person, signIn } from '../fixtures/person.ts';
import { processesOf } from '../fixtures/processes.ts';
import { test as base, expect, removeData, startServer, type TestServer } from '../fixtures/server.ts';
import { shell } from '../pages/shell.ts';
import { TerminalPage } from '../pages/terminal.ts';

/** A server of the test's own, which it may kill and start again on the same data and port. */
interface Mortal {
  server: TestServer;
  again(): Promise<TestServer>;
}

const test = base.extend<{ mortal: Mortal }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  mortal: async ({}, use) => {
    const mortal: Mortal = {
      server: await startServer(),
      async again() {
        const { dataDir, port } = mortal.server;
        mortal.server = await startServer({ dataDir, port });
        return mortal.server;
      },
    };
    try {
      await use(mortal);
      await mortal.server.stop();
    } finally {
      await removeData(mortal.server.dataDir);
    }
  },
});

/** Terminals that run on this data folder, whoever started them. */
const terminals = ({ dataDir }: TestServer) =>
  processesOf(dataDir).filter(({ command }) => command.includes('terminal.mjs') && !command.includes('supervisor'));

async function runsOnce(person: Person, server: TestServer, { id }: Environment): Promise<Environment> {
  const environment = await person.reaches(id, 'running');
  expect(terminals(server)).toHaveLength(1);
  expect((await person.api.environments.list.query({})).environments).toHaveLength(1);
  return environment;
}

for (const afterMs of [0, 10, 40, 120]) {
  test(`killed ${afterMs} ms after the launch was accepted`, async ({ mortal }) => {
    const person = await signIn(mortal.server);
    const environment = await person.launch();
    // Not a wait for anything: the moment of the kill is what varies.
    await sleep(afterMs);
    await mortal.server.kill();
    const running = await runsOnce(person, await mortal.again(), environment);
    expect(running.generation).toBe(1);
  });
}

test('killed while it runs: same process, same shell, nothing lost', async ({ mortal, page, context }) => {
  const person = await signIn(mortal.server);
  const environment = await person.running();
  const [before] = terminals(mortal.server);
  await person.enter(context);
  await page.goto(`${mortal.server.url}/open/${environment.id}`);
  const terminal = new TerminalPage(page);
  await terminal.ready();
  await terminal.run('marker=$((20 + 22)); echo first-$marker');
  await expect(terminal.screen).toContainText('first-42');

  await mortal.server.kill();
  expect(terminals(mortal.server)).toEqual([before]);
  // What the shell prints while nobody serves it is not lost either.
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  const server = await mortal.again();
  await runsOnce(person, server, environment);
  expect(terminals(server)).toEqual([before]);
  await expect(page.getByText('Reconnecting…')).toBeHidden();
  await expect(terminal.screen).toContainText('first-42');
  await terminal.run('echo second-$marker');
  await expect(terminal.screen).toContainText('second-42');

  // A second window has the scroll-back too.
  const second = await context.newPage();
  await second.goto(`${server.url}/open/${environment.id}`);
  await expect(new TerminalPage(second).screen).toContainText('first-42');
});

test('the live stream of an open page comes back by itself', async ({ mortal, page, context }) => {
  const person = await signIn(mortal.server);
  const environment = await person.running();
  await person.enter(context);
  await page.goto(`${mortal.server.url}/environments`);
  const row = page.getByRole('main').getByText(environment.name, { exact: true }).first();
  await expect(row).toBeVisible();
  await expect(shell(page).live).toHaveText('Live');
  let loads = 0;
  page.on('load', () => {
    loads += 1;
  });
  await mortal.server.kill();
  await expect(shell(page).live).toHaveText('Reconnecting');
  await mortal.again();
  await expect(shell(page).live).toHaveText('Live', { timeout: 15_000 });
  await person.api.environments.rename.mutate({ id: environment.id, name: 'Renamed meanwhile' });
  await expect(page.getByRole('main').getByText('Renamed meanwhile').first()).toBeVisible();
  expect(loads).toBe(0);
});

test('killed while it stops or is deleted: the end is reached after the restart', async ({ mortal }) => {
  const person = await signIn(mortal.server);
  const stopping = await person.running({ name: 'Stopping' });
  const deleted = await person.running({ name: 'Deleted' });
  await person.api.environments.stop.mutate({ id: stopping.id });
  await person.api.environments.delete.mutate({ id: deleted.id });
  await mortal.server.kill();
  const server = await mortal.again();
  await person.reaches(stopping.id, 'stopped');
  await expect.poll(() => terminals(server)).toEqual([]);
  const { environments } = await person.api.environments.list.query({});
  expect(environments.map(({ id }) => id)).toEqual([stopping.id]);
});

test('told to end, it stops everything in good order and brings back what ran', async ({ mortal }) => {
  const person = await signIn(mortal.server);
  const running = await person.running({ name: 'Runs' });
  const stopped = await person.running({ name: 'Rests' });
  await person.api.environments.stop.mutate({ id: stopped.id });
  await person.reaches(stopped.id, 'stopped');
  expect(await mortal.server.stop()).toBe(0);
  expect(processesOf(mortal.server.dataDir)).toEqual([]);
  const server = await mortal.again();
  const back = await person.reaches(running.id, 'running');
  expect(back.generation).toBe(2);
  expect(terminals(server)).toHaveLength(1);
  expect((await person.environment(stopped.id)).phase).toBe('stopped');
});

test('its application is killed from outside: said as such, and started again on request', async ({ mortal }) => {
  const person = await signIn(mortal.server);
  const { id } = await person.running();
  for (const { pid } of terminals(mortal.server)) process.kill(pid, 'SIGKILL');
  const failed = await person.reaches(id, 'failed');
  expect(failed.failure).toMatchObject({ reason: 'killed_by_signal', signal: 'SIGKILL', retryHelps: true });
  await person.api.environments.start.mutate({ id });
  await runsOnce(person, mortal.server, failed);
});
