import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { classify } from './errors.ts';
import { createTransport } from './transport.ts';

test('a request that is never answered ends by itself, however long its call may go on', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const transport = createTransport(`http://127.0.0.1:${address.port}`, async () => ({}), 30);
  try {
    const call = transport.text({ method: 'GET', path: '/', signal: new AbortController().signal });
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(classify(error)).toMatchObject({ code: 'unavailable', outcome: 'unknown', retryable: true });
  } finally {
    transport.close();
    silent.closeAllConnections();
    silent.close();
  }
});
