import { within } from '../services/deadline.ts';

export interface Step {
  name: string;
  ms: number;
  run(): Promise<void>;
}

/** One after the other, each within its time: a step that hangs or fails keeps none of those after it from ending well. */
export async function endInOrder(steps: readonly Step[]): Promise<void> {
  const faults: string[] = [];
  for (const { name, ms, run } of steps) {
    await within(ms, run()).catch((error: unknown) => faults.push(`${name}: ${String(error)}`));
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
}

export interface Shutdown {
  readonly begun: boolean;
  /** As a signal would. */
  begin(): void;
}

/** Runs the orderly end once, on the first signal; a second one ends the process at once. Environments survive either. */
export function onShutdown(end: () => Promise<void>): Shutdown {
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    end().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`The end was not orderly: ${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  const handle = () => {
    if (begun) process.exit(130);
    begin();
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    get begun() {
      return begun;
    },
    begin,
  };
}
