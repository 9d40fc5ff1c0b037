/**
 * What the API server said no to, as an error that says what to do: quotas, Pod Security, webhooks, missing rights, a namespace on
 * its way out. `retryable` = the same request may pass later. Pure.
 */
import { AppError, type ErrorCode } from '../../domain/errors.ts';

/** The API server's `Status`, or what is known of it. */
export interface Refusal {
  /** HTTP status. */
  status: number;
  /** `AlreadyExists`, `Forbidden`, … */
  reason: string;
  message: string;
}

/** Another server's words, for people: one line, not too long. */
function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

interface Rule {
  status?: number;
  test: RegExp;
  code: ErrorCode;
  retryable: boolean;
  /** From what the parentheses of `test` found. */
  say(found: readonly string[]): string;
}

const RULES: readonly Rule[] = [
  {
    test: /exceeded quota: ([\w.-]+), requested: (\S+), used: (\S+), limited: (\S+)/,
    code: 'resource_exhausted',
    retryable: false,
    say: ([, , requested = '', used = '', limited = '']) =>
      `The cluster’s quota for you is used up: ${requested} was asked for, ${used} is in use, ${limited} is the limit. Stop another environment, or choose a smaller size.`,
  },
  {
    test: /violates PodSecurity "?([\w:.-]+)"?: (.*)/,
    code: 'failed_precondition',
    retryable: false,
    say: ([, standard = '', what = '']) =>
      `The cluster’s Pod Security (${standard}) refuses it: ${quoted(what)}. An administrator must change the application or the extra volumes.`,
  },
  {
    test: /because it is being terminated|NamespaceTerminating/,
    code: 'unavailable',
    retryable: true,
    say: () => 'Its namespace is being deleted in the cluster. It is made again as soon as that has ended.',
  },
  {
    test: /admission webhook "([\w.-]+)" denied the request(?: without explanation)?:? ?(.*)/,
    code: 'failed_precondition',
    retryable: false,
    say: ([, name = '', why = '']) =>
      `A rule of the cluster (${name}) refuses it: ${quoted(why) || 'it does not say why'}`,
  },
  {
    test: /ValidatingAdmissionPolicy '([\w.-]+)'.* denied request: (.*)/,
    code: 'failed_precondition',
    retryable: false,
    say: ([, name = '', why = '']) => `A rule of the cluster (${name}) refuses it: ${quoted(why)}`,
  },
  {
    test: /failed calling webhook "([\w.-]+)"/,
    code: 'unavailable',
    retryable: true,
    say: ([, name = '']) => `A checking program of the cluster (${name}) does not answer. It is tried again.`,
  },
  {
    test: /no PriorityClass with name ([\w.-]+)/,
    code: 'failed_precondition',
    retryable: false,
    say: ([, name = '']) =>
      `The cluster has no priority class “${name}”. An administrator must make it or set another one.`,
  },
  {
    test: /(maximum|minimum) ([\w.-]+) usage per (\w+) is ([\w.]+)/,
    code: 'failed_precondition',
    retryable: false,
    say: ([, end = '', what = '', , amount = '']) =>
      `Its namespace allows ${end === 'maximum' ? 'at most' : 'at least'} ${amount} of ${what} for one container. Choose another size.`,
  },
  {
    test: /error looking up service account|serviceaccount "[\w.-]+" not found/,
    code: 'unavailable',
    retryable: true,
    say: () => 'Its service account is not in the cluster yet. It is tried again.',
  },
  {
    status: 403,
    test: /cannot (\w+) resource "([\w./-]+)"(?:.* in the namespace "([\w.-]+)")?/,
    code: 'failed_precondition',
    retryable: false,
    say: ([, verb = '', resource = '', namespace = '']) =>
      `This server lacks a right in the cluster: it may not ${verb} ${resource}${namespace === '' ? '' : ` in ${namespace}`}. An administrator must apply its manifest of rights again.`,
  },
];

/** @param what the thing that was to be made or changed, such as `pod env-…`, for the log */
export function refusalError({ status, reason, message }: Refusal, what: string): AppError {
  const details = { status, reason, what };
  const cause = quoted(`${what}: ${status} ${reason} ${message}`);
  for (const rule of RULES) {
    const found = rule.status === undefined || rule.status === status ? rule.test.exec(message) : null;
    if (found) return new AppError(rule.code, rule.say(found), { details, cause, retryable: rule.retryable });
  }
  const [code, text, retryable] = byStatus(status, message);
  return new AppError(code, text, { details, cause, retryable });
}

function byStatus(status: number, message: string): [ErrorCode, string, boolean] {
  switch (status) {
    case 401:
      return [
        'unavailable',
        'The cluster does not accept this server’s credentials. An administrator must renew them.',
        true,
      ];
    case 403:
      return ['failed_precondition', `The cluster refuses it: ${quoted(message)}`, false];
    case 404:
      return /could not find the requested resource/.test(message)
        ? ['failed_precondition', 'The cluster lacks a part that this server needs. Its version may be too old.', false]
        : ['unavailable', 'A thing that it needs is not in the cluster. It is tried again.', true];
    case 409:
      return ['conflict', 'Something of that name is in the cluster already, or was changed meanwhile.', true];
    case 413:
      return [
        'invalid_argument',
        'It is larger than what the cluster takes in one piece. Use fewer or smaller files.',
        false,
      ];
    case 400:
    case 422:
      return ['invalid_argument', `The cluster cannot read it so: ${quoted(message)}`, false];
    case 429:
      return ['unavailable', 'The cluster is busy and asks us to wait. It is tried again.', true];
    default:
      return ['unavailable', 'The cluster does not answer properly. It is tried again.', true];
  }
}
