/**
 * Processor time of verifying an id_token whose keys are known, as each sign-in does it, beside jose's bare check of the signature
 * with the key in hand.
 */
import { compactVerify, importJWK } from 'jose';
import { startIssuers } from '../e2e/servers/issuers.ts';
import { createOidcIdentity } from '../src/ports/identity/oidc.ts';
import { cognitoRules, config } from '../src/providers/cognito/provider.ts';
import { machine, median, type Report } from './report.ts';

const ROUNDS = 7;
const CALLS = 1_000;
const MOST_MICROS = 300;

async function micros(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < CALLS; i += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

export async function run(): Promise<Report> {
  const { cognito, env, stop } = await startIssuers();
  try {
    const identity = createOidcIdentity(cognitoRules(config.parse(env)), { now: Date.now });
    const key = await importJWK(cognito.publicKey);
    const person = { subject: 'ada', email: 'ada@example.org', emailVerified: true, name: 'Ada', groups: ['lab'] };
    const token = cognito.sign(cognito.claimsOf(person));
    const whole = () => identity.validateToken(token);
    const bare = () => compactVerify(token, key);
    await micros(whole);
    await micros(bare);
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await micros(whole));
      floor.push(await micros(bare));
    }
    const [cpu, peer] = [median(ours), median(floor)];
    const row = {
      measure: 'Verify an id_token, keys known',
      ours: cpu,
      peer,
      peerName: 'signature alone',
      ratio: cpu / peer,
      unit: 'CPU µs',
      goal: `≤ ${MOST_MICROS} µs`,
      ok: cpu <= MOST_MICROS,
    };
    return { name: 'tokens', machine: machine(), rows: [row] };
  } finally {
    await stop();
  }
}
