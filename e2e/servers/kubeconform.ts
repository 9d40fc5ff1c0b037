/** kubeconform: what Kubernetes' own schemas say of objects, every unknown field included. Runs no server and asks no network. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { program } from './programs.mjs';

/** What is wrong with the objects, one line a fault; empty = each is one that the API server would read. */
export async function schemaFaults(objects: readonly object[]): Promise<string[]> {
  const bin = await program('kubeconform');
  const location = join(bin, '..', 'schemas', '{{ .ResourceKind }}{{ .KindSuffix }}.json');
  const output = await new Promise<string>((resolve, reject) => {
    const args = ['-strict', '-output', 'json', '-summary', '-schema-location', location, '-'];
    const child = execFile(join(bin, 'kubeconform'), args, (error, stdout, stderr) => {
      // It ends with 1 when it found faults.
      if (error && error.code !== 1) reject(new Error(`kubeconform: ${stderr}`, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.end(objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  });
  const { resources = [], summary } = JSON.parse(output);
  if (summary.valid + summary.invalid + summary.errors !== objects.length) throw new Error(`kubeconform: ${output}`);
  return resources.map(({ kind, msg }: { kind: string; msg: string }) => `${kind}: ${msg}`);
}
