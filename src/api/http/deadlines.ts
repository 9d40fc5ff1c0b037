/** How long the routes wait for a client that sends or reads slowly. In milliseconds; tests give shorter ones. */
export interface Deadlines {
  /** A whole call of the API. */
  callBodyMs: number;
  /** The small JSON bodies beside the API. */
  jsonBodyMs: number;
  /** Silence in the middle of an upload: one that is merely slow does not lose its file. */
  uploadSilenceMs: number;
  /** A browser that pauses a download reads nothing for a while. */
  downloadSilenceMs: number;
  /** The rest of a body that is read and thrown away after a refusal. */
  discardMs: number;
}

export const DEADLINES: Deadlines = {
  callBodyMs: 30_000,
  jsonBodyMs: 10_000,
  uploadSilenceMs: 60_000,
  downloadSilenceMs: 5 * 60_000,
  discardMs: 10_000,
};
