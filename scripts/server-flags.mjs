/**
 * How Node runs the server; whatever starts dist/server.mjs for good passes these first. Node's own limit lets the space for new
 * objects grow to 128 MiB under load, three times what the server keeps alive, and it is not given back. 16 MiB a half costs no
 * measurable CPU and keeps the process within its memory goal (`npm run bench -- memory`).
 * `--expose-gc` is for src/ports/storage/spent-chunks.ts, which keeps the memory of transfers small.
 * DEP0169 is `url.parse`, which the OAuth client's library uses; nothing that an operator could mend.
 */
export const SERVER_FLAGS = ['--max-semi-space-size=16', '--expose-gc', '--disable-warning=DEP0169'];
