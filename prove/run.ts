/**
 * `npm run prove <name> [-- --kills N]`: breaks a part of the product on purpose, as often as asked, and checks that it keeps its
 * promise. Each file beside this one is a proof; exits with 1 when one does not hold.
 */
import { readdirSync } from 'node:fs';

const known = readdirSync(import.meta.dirname)
  .flatMap((file) => /^([a-z]+(?:-model)?)\.ts$/.exec(file)?.[1] ?? [])
  .filter((name) => name !== 'run')
  .sort();
const [name = '', ...rest] = process.argv.slice(2).filter((arg) => arg !== '--');
const at = rest.indexOf('--kills');
const kills = at < 0 ? 20 : Number(rest[at + 1]);
if (!known.includes(name) || !Number.isInteger(kills) || kills < 1) {
  process.stderr.write(`Usage: npm run prove ${known.join('|')} [-- --kills N]\n`);
  process.exit(2);
}
const { prove, held } = (await import(`./${name}.ts`)) as {
  prove(options: { kills: number }): Promise<string[]>;
  /** For proofs that count something else than kills. */
  held?: () => string;
};
const broken = await prove({ kills });
for (const line of broken) process.stdout.write(`✗ ${line}\n`);
const summary = held?.() ?? (broken.length === 0 ? `held over ${kills} kills` : `${broken.length} broken`);
process.stdout.write(`${broken.length === 0 ? '✓' : '✗'} ${name}: ${summary}\n`);
process.exit(broken.length === 0 ? 0 : 1);
