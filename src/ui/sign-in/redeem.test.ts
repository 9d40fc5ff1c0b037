import { describe, expect, it } from 'vitest';
import { readSecret, redeem } from './redeem.ts';

const SECRET = 'q3JtVbW0x9-_aZ81Lk2M';
const answer = (status: number, body: unknown) => async () => new Response(JSON.stringify(body), { status });

describe('readSecret', () => {
  it.each([
    `http://localhost:8080/sign-in#link=${SECRET}`,
    `  http://127.0.0.1:8081/sign-in?next=%2F#link=${SECRET}\n`,
    `#link=${SECRET}`,
    `#a=b&link=${SECRET}`,
    SECRET,
  ])('finds it in %j', (text) => {
    expect(readSecret(text)).toBe(SECRET);
  });

  it.each(['', 'hello', 'http://localhost:8080/', 'http://localhost:8080/sign-in#link=', '#link=<script>'])(
    'finds none in %j',
    (text) => {
      expect(readSecret(text)).toBeNull();
    },
  );
});

describe('redeem', () => {
  it('sends the secret in the body only', async () => {
    const calls: [unknown, RequestInit | undefined][] = [];
    const call: typeof fetch = async (input, init) => {
      calls.push([input, init]);
      return new Response('{"ok":true}');
    };
    expect(await redeem(SECRET, call)).toBeNull();
    expect(calls.map(([input]) => input)).toEqual(['/api/auth/link']);
    expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: JSON.stringify({ secret: SECRET }) });
  });

  it('tells the reasons apart', async () => {
    expect(await redeem(SECRET, answer(401, { code: 'unauthenticated', details: { reason: 'expired' } }))).toEqual({
      kind: 'expired',
    });
    expect(await redeem(SECRET, answer(401, { code: 'unauthenticated' }))).toEqual({ kind: 'invalid' });
    expect(await redeem(SECRET, answer(403, { message: 'This account is not active.' }))).toEqual({
      kind: 'refused',
      message: 'This account is not active.',
    });
    expect(await redeem(SECRET, async () => new Response('<html>', { status: 500 }))).toEqual({
      kind: 'refused',
      message: '',
    });
  });

  it('knows when no answer came, so that the link can be tried again', async () => {
    const down = async () => {
      throw new TypeError('fetch failed');
    };
    expect(await redeem(SECRET, down)).toEqual({ kind: 'unreachable' });
    expect(await redeem(SECRET, answer(503, {}))).toEqual({ kind: 'unreachable' });
  });
});
