/** The whole way through an issuer: button, sign-in page, code, tokens, session. The issuer runs in the measuring process. */
import { openBrowser, signInWith } from '../../e2e/servers/browser.ts';
import { startIssuers } from '../../e2e/servers/issuers.ts';
import { cpuOf } from '../process.ts';
import { quantile, type Row, type RunOptions } from '../report.ts';
import { startServer } from '../server.ts';

const SIGN_INS = 200;
const WARM_UP = 40;
const AT_ONCE = 4;
const TARGET = '/storage';

export async function issuerRows({ json }: RunOptions): Promise<Row[]> {
  const issuers = await startIssuers();
  const server = await startServer({ env: { ...issuers.env, AUTH_PROVIDER: 'local,oidc' } });
  try {
    const origin = `http://localhost:${server.port}`;
    issuers.generic.register([`${origin}/api/auth/callback/oidc`], [`${origin}/sign-in`]);
    const crowd = Array.from({ length: AT_ONCE }, (_, i) => ({
      ...{ subject: `person-${i}`, email: `person-${i}@example.org`, password: 'of the bench', name: `Person ${i}` },
      emailVerified: true,
    }));
    issuers.generic.people.push(...crowd);
    const latencies: number[] = [];
    let failed = 0;
    /** Each comes with a browser that nobody used before; pages are not part of it. */
    const signIns = (each: number) =>
      Promise.all(
        crowd.map(async (person) => {
          for (let i = 0; i < each; i += 1) {
            const begin = performance.now();
            const until = `${origin}${TARGET}`;
            const order = { origin, provider: 'oidc', person, next: TARGET, until };
            const page = await signInWith(openBrowser(), order);
            if (page.url.pathname === TARGET && page.status === 0) latencies.push(performance.now() - begin);
            else failed += 1;
          }
        }),
      );
    await signIns(WARM_UP / AT_ONCE);
    latencies.length = 0;
    const cpu = cpuOf(server.pid);
    const begin = performance.now();
    await signIns(SIGN_INS / AT_ONCE);
    const seconds = (performance.now() - begin) / 1000;
    const micros = (cpuOf(server.pid) - cpu) / SIGN_INS;
    if (!json) process.stderr.write('.\n');
    const scale = { peer: null, peerName: '', ratio: null, goal: 'for scale', ok: true };
    const way = 'sign-in through an issuer';
    return [
      { measure: `${way}, server`, ours: micros / 1000, unit: 'CPU ms', ...scale },
      { measure: `${way}, ${AT_ONCE} at once, issuer included`, ours: SIGN_INS / seconds, unit: '1/s', ...scale },
      { measure: `${way}, p50`, ours: quantile(latencies, 0.5), unit: 'ms', ...scale },
      { measure: `${way}, failed`, ours: failed, unit: '', ...scale, goal: 'none', ok: failed === 0 },
    ];
  } finally {
    await server.stop();
    await issuers.stop();
  }
}
