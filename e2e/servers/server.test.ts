/** The framework itself, on the server that starts fastest. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';
import { startVersitygw } from './versitygw.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a server answers where it says, two run side by side, and nothing is left of one that was stopped', async () => {
  const [one, two] = await Promise.all([startVersitygw(), startVersitygw()]);
  try {
    expect((await fetch(one.url)).status).toBe(403);
    expect((await fetch(two.url)).status).toBe(403);
    expect(one.port).not.toBe(two.port);
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
  await one.stop();
  expect(isAlive(one.pid)).toBe(false);
  expect(existsSync(one.folder)).toBe(false);
  await expect(fetch(one.url)).rejects.toThrow();
});

test('a server that does not come up is an error with what it printed', async () => {
  const broken = startServer({ program: 'versitygw', executable: 'versitygw', args: () => ['--no-such-flag'] });
  await expect(broken).rejects.toThrow(/versitygw did not start:[\s\S]*no-such-flag/);
});
