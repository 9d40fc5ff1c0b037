/** The file manager on the server's own disk. */
import { test } from '../fixtures/server.ts';
import { fileJourneys, historyJourneys } from '../journeys/files.ts';

test.use({ deployment: 'files' });

fileJourneys();
historyJourneys();
