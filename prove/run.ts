/**
 * `npm run prove <name> [-- --kills N --minutes M]`: breaks a part of the product on purpose, as often as asked, and checks that it keeps its
 * promise. Each file beside this one is a proof; exits with 1 when one does not hold.
 */
import { readdirSync } from 'node:fs';

const known = readdirSync(import.meta.dirname)
  .flatMap((file) => /^([a-z]+(?:-model)?)\.ts$/.exec(file)?.[1] ?? [])
  .filter((name) => name !== 'run')
  .sort();
const [name = '', ...rest] = process.argv.slice(2).filter((arg) => arg !== '--');
const numberOf = (option: string): number | null => {
  const at = rest.indexOf(option);
  return at < 0 ? null : Number(rest[at + 1]);
};
const [given, minutes] = [numberOf('--kills'), numberOf('--minutes')];
const isUsable = (given === null || (Number.isInteger(given) && given >= 1)) && (minutes === null || minutes > 0);
if (!known.includes(name) || !isUsable) {
  process.stderr.write(`Usage: npm run prove ${known.join('|')} [-- --kills N --minutes M]\n`);
  process.exit(2);
}
const {
  prove,
  held,
  KILLS = 20,
} = (await import(`./${name}.ts`)) as {
  /** `minutes`: ends then, however many were killed; only the longest proofs look at it. */
  prove(options: { kills: number; minutes: number | null }): Promise<string[]>;
  /** Kills when nobody says how many. */
  KILLS?: number;
  /** For proofs that count something else than kills. */
  held?: () => string;
};
const kills = given ?? KILLS;
const broken = await prove({ kills, minutes });
for (const line of broken) process.stdout.write(`✗ ${line}\n`);
const summary = held?.() ?? (broken.length === 0 ? `held over ${kills} kills` : `${broken.length} broken`);
process.stdout.write(`${broken.length === 0 ? '✓' : '✗'} ${name}: ${summary}\n`);
process.exit(broken.length === 0 ? 0 : 1);
