/** Runs the orderly end once, on the first signal; a second one ends the process at once. Environments survive either. */
export function onShutdown(end: () => Promise<void>): void {
  let ending = false;
  const handle = () => {
    if (ending) process.exit(130);
    ending = true;
    end().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`The end was not orderly: ${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}
