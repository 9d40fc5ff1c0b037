import { describe, expect, it } from 'vitest';
import { admitNewcomer, type Door, isAdminEmail, type Newcomer, refuseKnown } from './admission.ts';

const OPEN: Door = {
  signUp: 'open',
  allowedDomains: [],
  allowedEmails: [],
  adminEmails: [],
  firstUserIsAdmin: true,
  defaultTier: 'free',
};
const ada: Newcomer = {
  identity: { email: 'Ada@Lab.example', emailVerified: true },
  first: false,
  invitation: null,
  byLink: false,
};
const unverified = { ...ada, identity: { ...ada.identity, emailVerified: false } };
const nameless = { ...ada, identity: { email: '', emailVerified: false } };
const LISTED: Door = { ...OPEN, allowedDomains: ['lab.example'] };
const invitation = { email: null, role: 'researcher', tier: 'premium' } as const;

describe('newcomers', () => {
  it.each<[string, Newcomer, Door, string]>([
    ['come in where nothing is asked', ada, OPEN, 'open user free'],
    ['come in without an e-mail where nothing is asked', nameless, OPEN, 'open user free'],
    ['the first one administers', { ...ada, first: true }, OPEN, 'administrator admin free'],
    [
      'the first one does not, when told so',
      { ...ada, first: true },
      { ...OPEN, firstUserIsAdmin: false },
      'open user free',
    ],
    [
      'ADMIN_EMAILS make administrators',
      ada,
      { ...OPEN, adminEmails: ['ada@lab.example'] },
      'administrator admin free',
    ],
    [
      'an unverified e-mail is nobody in ADMIN_EMAILS',
      unverified,
      { ...OPEN, adminEmails: ['ada@lab.example'] },
      'open user free',
    ],
    ['a listed domain is let in', ada, LISTED, 'listed user free'],
    ['a listed address is let in', ada, { ...OPEN, allowedEmails: ['ada@lab.example'] }, 'listed user free'],
    ['a name below a listed domain is another domain', ada, { ...OPEN, allowedDomains: ['example'] }, 'not_listed'],
    ['a domain that only ends alike is another one', ada, { ...OPEN, allowedDomains: ['ab.example'] }, 'not_listed'],
    ['a wildcard takes names below', ada, { ...OPEN, allowedDomains: ['*.example'] }, 'listed user free'],
    ['a wildcard does not take the domain itself', ada, { ...OPEN, allowedDomains: ['*.lab.example'] }, 'not_listed'],
    ['lists deny everybody else', ada, { ...OPEN, allowedEmails: ['eve@lab.example'] }, 'not_listed'],
    ['lists deny whoever has no e-mail', nameless, LISTED, 'not_listed'],
    ['an unverified e-mail is on no list', unverified, LISTED, 'unverified'],
    [
      'the first one must be on the list, too',
      { ...ada, first: true },
      { ...OPEN, allowedEmails: ['x@y.z'] },
      'not_listed',
    ],
    [
      'administrators need no list',
      ada,
      { ...OPEN, allowedEmails: ['x@y.z'], adminEmails: ['ada@lab.example'] },
      'administrator admin free',
    ],
    [
      'an invitation opens a closed list',
      { ...ada, invitation },
      { ...OPEN, allowedEmails: ['x@y.z'] },
      'invitation researcher premium',
    ],
    [
      'an invitation for another is worth nothing',
      { ...ada, invitation: { ...invitation, email: 'eve@lab.example' } },
      OPEN,
      'wrong_invitation',
    ],
    [
      'an invitation by name needs a verified e-mail',
      { ...unverified, invitation: { ...invitation, email: 'ada@lab.example' } },
      OPEN,
      'wrong_invitation',
    ],
    [
      'an invitation by name is used by its person',
      { ...ada, invitation: { ...invitation, email: 'ada@lab.example' } },
      { ...OPEN, signUp: 'invitation' },
      'invitation researcher premium',
    ],
    ['invitation only', ada, { ...OPEN, signUp: 'invitation' }, 'uninvited'],
    ['approval', ada, { ...OPEN, signUp: 'approval' }, 'wait'],
    [
      'the first one waits for nobody',
      { ...ada, first: true },
      { ...OPEN, signUp: 'approval' },
      'administrator admin free',
    ],
    [
      'nobody waits who is not on the list',
      ada,
      { ...LISTED, allowedDomains: ['x.example'], signUp: 'approval' },
      'not_listed',
    ],
    ['a link is an invitation', { ...ada, byLink: true }, { ...OPEN, signUp: 'invitation' }, 'link user free'],
    ['the first link administers', { ...ada, byLink: true, first: true }, OPEN, 'link admin free'],
  ])('%s', (_, newcomer, door, expected) => {
    const decision = admitNewcomer(newcomer, door);
    const told =
      decision.kind === 'admit'
        ? `${decision.admission} ${decision.role} ${decision.tier}`
        : decision.kind === 'refuse'
          ? decision.reason
          : decision.kind;
    expect(told).toBe(expected);
  });
});

describe('known people', () => {
  const person = { active: true, admission: 'open', awaitsApprovalSince: null } as const;

  it('come in', () => expect(refuseKnown(person, ada.identity, OPEN)).toBeNull());
  it('stay out once deactivated, whatever else holds', () => {
    const door = { ...OPEN, adminEmails: ['ada@lab.example'] };
    expect(refuseKnown({ ...person, active: false }, ada.identity, door)).toBe('deactivated');
  });
  it('wait until approved', () => {
    expect(refuseKnown({ ...person, active: false, awaitsApprovalSince: 1 }, ada.identity, OPEN)).toBe('awaiting');
  });
  it('are asked for the list at every sign-in', () => {
    expect(refuseKnown(person, ada.identity, { ...OPEN, allowedDomains: ['other.example'] })).toBe('not_listed');
    expect(refuseKnown(person, unverified.identity, LISTED)).toBe('unverified');
    expect(refuseKnown({ ...person, admission: 'listed' }, ada.identity, LISTED)).toBeNull();
  });
  it.each(['administrator', 'invitation', 'approval', 'link'] as const)(
    'came in by %s, which no list undoes',
    (admission) => {
      expect(
        refuseKnown({ ...person, admission }, unverified.identity, { ...OPEN, allowedEmails: ['x@y.z'] }),
      ).toBeNull();
    },
  );
  it('an unverified address administers nothing', () => {
    expect(isAdminEmail(unverified.identity, { adminEmails: ['ada@lab.example'] })).toBe(false);
  });
});
