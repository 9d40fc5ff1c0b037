import { describe, expect, it } from 'vitest';
import { LAUNCH_STEPS } from '../domain/environment.ts';
import { createPages, type Reason } from './pages.ts';
import { routeTo } from './test-harness.ts';

const REASONS: Reason[] = [
  'pending',
  'starting',
  'stopping',
  'stopped',
  'failed',
  'unreachable',
  'broken',
  'connect_timeout',
  'answer_timeout',
  'upload_timeout',
  'unknown',
  'unauthenticated',
  'forbidden',
  'foreign_origin',
  'bad_request',
  'too_many_headers',
  'ticket_invalid',
  'cookies_refused',
  'internal',
];
const pages = createPages('http://localhost:8080');
const route = {
  ...routeTo(null, 'starting'),
  name: `<script>alert(1)</script>"'&${'n'.repeat(40)}`,
  applicationName: '<img src=x onerror=alert(1)>',
  failureMessage: `<b>${'why '.repeat(60)}</b>`,
  steps: LAUNCH_STEPS.map((step, i) => ({ step, at: 1_700_000_000_000 + i * 1234 })),
};

describe.each(REASONS)('the page for %s', (reason) => {
  const html = pages.answer({ reason, route }, true, '/lab?x="><script>');
  const text = pages.answer({ reason, route }, false, '/');

  it('is small, whole in itself and without script', () => {
    expect(Buffer.byteLength(html.body)).toBeLessThan(10_240);
    expect(html.body).not.toMatch(/<script|<img|<link|<meta http-equiv|<[^>]*\s(?:src|on\w+)=|url\((?!#)/i);
    expect(html.body).toMatch(/^<!doctype html><html lang="en">[\s\S]*<title>[^<]+<\/title>[\s\S]*<h1>[^<]+<\/h1>/);
    expect(html.fields[html.fields.indexOf('Content-Security-Policy') + 1]).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'self' http:\/\/localhost:8080$/,
    );
    expect(html.fields).toEqual(
      expect.arrayContaining(['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff']),
    );
  });

  it('is one line for a program, with the same status', () => {
    expect(text.status).toBe(html.status);
    expect(text.status).toBeGreaterThanOrEqual(400);
    expect(text.body.trimEnd()).not.toContain('\n');
    expect(text.fields).not.toContain('Refresh');
  });
});

it('shows the steps of a start with their times, the last one as current', () => {
  const { body } = pages.answer({ reason: 'starting', route }, true, '/');
  expect(body.match(/<li/g)).toHaveLength(LAUNCH_STEPS.length);
  expect(body).toContain('<li aria-current="step"><span>Ready</span><time>7.4 s</time></li>');
});
