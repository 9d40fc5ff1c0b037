/** What signing in costs, and what being signed in costs each call. Verification of an id_token alone is in tokens.ts. */
import { machine, type Report, type RunOptions } from './report.ts';
import { checkRow } from './sign-in/check.ts';
import { crowdRows } from './sign-in/crowd.ts';
import { issuerRows } from './sign-in/issuer-flow.ts';

export async function run(options: RunOptions): Promise<Report> {
  const rows = [await checkRow(options), ...(await crowdRows(options)), ...(await issuerRows(options))];
  return { name: 'sign-in', machine: machine(), rows };
}
