import { expect, test } from 'vitest';
import { refusalError } from './refusals.ts';

const refused = (status: number, message: string, reason = '') =>
  refusalError({ status, reason, message }, 'pod env-1');

test.each<[string, number, string, string, boolean, RegExp]>([
  [
    'a quota',
    403,
    'pods "env-1" is forbidden: exceeded quota: cmb-tier, requested: limits.memory=4Gi, used: limits.memory=8Gi, limited: limits.memory=8Gi',
    'resource_exhausted',
    false,
    /limits\.memory=4Gi was asked for, limits\.memory=8Gi is in use/,
  ],
  [
    'Pod Security',
    403,
    'pods "env-1" is forbidden: violates PodSecurity "restricted:v1.34": privileged (container "a" must not set securityContext.privileged=true)',
    'failed_precondition',
    false,
    /\(restricted:v1\.34\) refuses it: privileged/,
  ],
  [
    'a namespace on its way out',
    403,
    'pods "x" is forbidden: unable to create new content in namespace n because it is being terminated',
    'unavailable',
    true,
    /being deleted/,
  ],
  [
    'a webhook',
    400,
    'admission webhook "policy.example" denied the request: images must\nbe signed',
    'failed_precondition',
    false,
    /\(policy\.example\) refuses it: images must/,
  ],
  [
    'a silent webhook',
    400,
    'admission webhook "policy.example" denied the request without explanation',
    'failed_precondition',
    false,
    /does not say why/,
  ],
  [
    'a policy',
    422,
    "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'a' with binding 'b' denied request: no",
    'failed_precondition',
    false,
    /\(a\) refuses it: no/,
  ],
  [
    'a webhook that is down',
    500,
    'Internal error occurred: failed calling webhook "x.example": timeout',
    'unavailable',
    true,
    /does not answer/,
  ],
  [
    'a priority class',
    403,
    'pods "x" is forbidden: no PriorityClass with name users was found',
    'failed_precondition',
    false,
    /“users”/,
  ],
  [
    'a range',
    403,
    'pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    'failed_precondition',
    false,
    /at most 1Gi of memory/,
  ],
  [
    'a service account',
    403,
    'pods "x" is forbidden: error looking up service account n/u: serviceaccount "u" not found',
    'unavailable',
    true,
    /not in the cluster yet/,
  ],
  [
    'a right',
    403,
    'pods is forbidden: User "system:serviceaccount:a:b" cannot create resource "pods" in API group "" in the namespace "n"',
    'failed_precondition',
    false,
    /may not create pods in n\./,
  ],
  ['credentials', 401, 'Unauthorized', 'unavailable', true, /credentials/],
  ['a missing thing', 404, 'namespaces "n" not found', 'unavailable', true, /tried again/],
  ['an old cluster', 404, 'the server could not find the requested resource', 'failed_precondition', false, /too old/],
  ['a namesake', 409, 'pods "x" already exists', 'conflict', true, /already/],
  ['too much', 413, 'Request entity too large', 'invalid_argument', false, /larger/],
  [
    'a field',
    422,
    'Pod "x" is invalid: spec.containers[0].name: Required value',
    'invalid_argument',
    false,
    /Required value/,
  ],
  ['haste', 429, 'Too many requests', 'unavailable', true, /busy/],
  ['a fault', 503, 'apiserver not ready', 'unavailable', true, /tried again/],
  ['something new', 403, 'forbidden for a reason nobody knew', 'failed_precondition', false, /nobody knew/],
])('%s', (_, status, message, code, retryable, words) => {
  const error = refused(status, message);
  expect(error).toMatchObject({ code, retryable, message: expect.stringMatching(words) });
  expect(error.details).toMatchObject({ status });
});

test('a long answer is cut, and stays one line', () => {
  const { message } = refused(422, `a\n\nb ${'x'.repeat(10_000)}`);
  expect(message.length).toBeLessThan(400);
  expect(message).not.toContain('\n');
});
