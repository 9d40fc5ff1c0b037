/** A catalog entry: what can be launched and how each kind of provider runs it. Pure data. */
import type { Size } from './environment.ts';
import type { ApplicationId } from './ids.ts';

/** How the application listens for the gateway on a machine without containers. */
export type Listen = 'socket' | 'port';

export interface LocalCommand {
  /**
   * argv; `{socket}`, `{port}`, `{workspace}`, `{secret}`, `{url}` (own origin, no slash at the end) and `{node}`, `{terminal}`
   * (the built-in Terminal's bundle), `{starter}` (app.py of the workspace, else a built-in one) are replaced, never through a shell.
   */
  argv: string[];
  listen: Listen;
  /** Path that answers 2xx..4xx once the application is ready; null = ready as soon as it accepts a connection. */
  readyPath: string | null;
  /** Header that carries the per-environment secret, with `{secret}` in its value; null = none. */
  secretHeader: { name: string; value: string } | null;
  /** Shown when argv[0] is not on the machine: the one line that installs it. */
  install: string | null;
}

export interface Application {
  id: ApplicationId;
  /** Stable name for built-in entries: terminal, jupyterlab, streamlit, vscode, custom. */
  slug: string;
  name: string;
  summary: string;
  tags: string[];
  /** Name of an icon of the UI's icon set. */
  icon: string;
  image: string | null;
  port: number | null;
  local: LocalCommand | null;
  /** Whether the person gives the command at launch (custom command). */
  asksCommand: boolean;
  defaultSize: Size;
  /** Time the application gets to become ready. */
  readyTimeoutMs: number;
  sortOrder: number;
  active: boolean;
}
