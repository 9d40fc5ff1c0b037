/**
 * Imported first by every script that a person starts: says in one sentence when this Node is too old, before anything else can
 * fail in a less clear way. Linux gets its Node 24 from npm, so there any Node that can run the scripts will do; elsewhere the
 * Node of the machine runs the server itself.
 */
const bringsItsOwnNode = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

/** Lowest Node that can run the server itself. */
export const SERVER_NODE = [22, 19];
const SCRIPT_NODE = [20, 11];

export function atLeast(version, [major, minor]) {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

const needed = bringsItsOwnNode ? SCRIPT_NODE : SERVER_NODE;
if (!atLeast(process.versions.node, needed)) {
  const where = bringsItsOwnNode ? '' : ` on ${process.platform} ${process.arch}`;
  console.error(
    `CMBCluster needs Node ${needed.join('.')} or newer${where}; this is Node ${process.versions.node}.\n` +
      'Install a current Node from https://nodejs.org and run the same command again.',
  );
  process.exit(1);
}
