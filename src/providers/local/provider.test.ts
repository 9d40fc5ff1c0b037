import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryLinkStore } from '../../ports/identity/memory.ts';
import { applications } from './applications.ts';
import { provider } from './provider.ts';

const quiet = { info() {}, warn() {}, error() {} };
const dataDir = mkdtempSync(join(tmpdir(), 'cmbcluster-provider-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('local provider', () => {
  it('opens with no variables at all: storage, spawner, sign-in and a catalog', async () => {
    const config = provider.config.parse({});
    const parts = await provider.open(config, {
      dataDir,
      programsDir: join(dataDir, 'no-build'),
      nodePath: process.execPath,
      links: createMemoryLinkStore(),
      log: quiet,
      now: Date.now,
    });
    const { storage, spawner, identity } = parts;
    await storage?.createBucket('bucket-of-ada', { labels: { owner: 'ada' } });
    expect(await storage?.mount('bucket-of-ada', '/workspace', null)).toMatchObject({ kind: 'host-path' });
    expect(await spawner?.list()).toEqual([]);
    expect(spawner?.onShutdown).toBe('stop');
    const ada = { issuer: 'local', subject: 'ada', email: 'ada@example.org', emailVerified: true, name: 'Ada' };
    const link = await identity?.mintLink?.(ada);
    expect(await identity?.validateToken(link?.secret ?? '')).toEqual(ada);
    // A checkout without a build says so at the application, not by refusing to start.
    const run = { listen: 'socket' as const, readyPath: null, secretHeader: null, image: null, port: null };
    expect(await spawner?.check({ ...run, argv: ['{node}', '{terminal}'] })).toMatchObject({
      available: false,
      reason: expect.stringContaining('Build'),
    });
    await parts.close();
  });

  it('its applications need nothing, ask for a command, or say how they are installed', () => {
    expect(new Set(applications.map(({ slug }) => slug)).size).toBe(applications.length);
    const known = /^\{(node|terminal|socket|port|workspace|url|starter)\}$/;
    for (const { slug, local, asksCommand } of applications) {
      const placeholders = (local?.argv ?? []).flatMap((text) => text.match(/\{[a-z]+\}/g) ?? []);
      for (const placeholder of placeholders) expect(placeholder, slug).toMatch(known);
      // Whoever lists processes can read an argument.
      expect(placeholders, slug).not.toContain('{secret}');
      if (asksCommand) expect(local?.argv, slug).toEqual([]);
      else if (local?.argv[0] !== '{node}') expect(local?.install, slug).toMatch(/\S/);
      expect(placeholders.includes('{socket}') || local?.listen === 'port' || local?.argv[0] === '{node}', slug).toBe(
        true,
      );
    }
  });
});
