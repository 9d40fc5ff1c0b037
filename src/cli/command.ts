/** A command gets its arguments and answers the exit code: 0 done, 1 failed, 2 wrong use. */
export type Command = (args: readonly string[]) => Promise<number>;

/** Takes `--name value` and `--name` out of the arguments; what is left over is for the configuration. */
export function takeOptions(
  args: readonly string[],
  spec: { values: readonly string[]; flags: readonly string[] },
): { values: Record<string, string>; flags: Set<string>; rest: string[] } {
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (spec.flags.includes(arg)) flags.add(arg);
    else if (spec.values.includes(arg)) values[arg] = args[++i] ?? '';
    else rest.push(arg);
  }
  return { values, flags, rest };
}
