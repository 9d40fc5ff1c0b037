import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Issuers, startIssuers } from '../../e2e/servers/issuers.ts';
import { examine } from './doctor.ts';

let issuers: Issuers;
const data = mkdtempSync(join(tmpdir(), 'cmb-doctor-'));
beforeAll(async () => {
  issuers = await startIssuers();
  for (const [name, value] of Object.entries(issuers.env)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(data, { recursive: true });
  await issuers.stop();
});

async function signIn(): Promise<[name: string, ok: boolean, message: string][]> {
  const checks = await examine(['--data', data]);
  return checks.filter(({ name }) => name.startsWith('sign-in')).map(({ name, ok, message }) => [name, ok, message]);
}

describe('the doctor', () => {
  it('proves every issuer before anybody signs in', async () => {
    expect(await signIn()).toEqual([
      ['sign-in google', true, `${issuers.google.issuer} is reached and has keys`],
      ['sign-in cognito', true, `${issuers.cognito.issuer} is reached and has keys`],
      ['sign-in oidc', true, `${issuers.generic.issuer} is reached and has keys`],
    ]);
  });

  it('tells what is wrong with an issuer, and no secret', async () => {
    issuers.google.down = true;
    issuers.cognito.keysMode = 'garbage';
    vi.stubEnv('OIDC_ISSUER', `${issuers.generic.issuer}/`);
    const found = await signIn();
    expect(found.map(([, ok]) => ok)).toEqual([false, false, false]);
    expect(found.map(([, , message]) => message)).toEqual([
      expect.stringContaining(`${issuers.google.issuer}/.well-known/openid-configuration`),
      expect.stringContaining(`${issuers.cognito.issuer}/.well-known/jwks.json`),
      expect.stringContaining(`calls itself ${issuers.generic.issuer}, not ${issuers.generic.issuer}/`),
    ]);
    for (const { clientSecret } of [issuers.google, issuers.cognito, issuers.generic])
      expect(JSON.stringify(found)).not.toContain(clientSecret);
  });
});
