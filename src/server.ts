/** The server process: nothing but the start. What it does is in boot/. */
import { runServer } from './boot/run-server.ts';

await runServer({ argv: process.argv.slice(2), entryUrl: import.meta.url });
