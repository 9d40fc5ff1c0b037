/**
 * The tokens of moto's user pools through the rules of Cognito. Where moto differs from the cloud, the tests say so and the rules
 * stay as they are:
 * - its tokens name the cloud's own issuer, while the keys are served by moto: only the address of the keys is another one here;
 * - all its keys have one name, `dummy`, in every pool, and pools share the key: one pool's token fits another's keys;
 * - it has neither sign-in pages nor `at_hash` and nonces: nothing is concluded about the code flow;
 * - `email` and `email_verified` are in the id_token only where the app client lists them as readable; the latter is text.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOidcIdentity } from '../../src/ports/identity/oidc.ts';
import { cognitoRules, config } from '../../src/providers/cognito/provider.ts';
import { startMoto } from '../servers/moto.ts';
import type { RunningServer } from '../servers/server.ts';

const REGION = 'eu-central-1';
const PASSWORD = 'Correct-horse-1';
const REFUSED = { code: 'unauthenticated' };

let server: RunningServer;
let pool: Pool;
beforeAll(async () => {
  server = await startMoto();
  pool = await makePool('lab');
  await makePerson(pool, 'ada@example.org', { verified: true, groups: ['astronomers', 'admins'] });
  await makePerson(pool, 'eve@example.org', { verified: false, groups: [] });
});
afterAll(() => server.stop());

interface Pool {
  id: string;
  clientId: string;
  clientSecret: string;
}

async function call<T>(action: string, body: object): Promise<T> {
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      // moto reads the region and compares no signature.
      authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${REGION}/cognito-idp/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text === '' ? '{}' : text);
}

async function makePool(name: string): Promise<Pool> {
  const made = await call<{ UserPool: { Id: string } }>('CreateUserPool', { PoolName: name });
  const UserPoolId = made.UserPool.Id;
  for (const GroupName of ['astronomers', 'admins']) await call('CreateGroup', { GroupName, UserPoolId });
  const { UserPoolClient } = await call<{ UserPoolClient: { ClientId: string; ClientSecret: string } }>(
    'CreateUserPoolClient',
    {
      ...{ UserPoolId, ClientName: 'cmbcluster', GenerateSecret: true },
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
      ReadAttributes: ['email', 'email_verified', 'name'],
    },
  );
  return { id: UserPoolId, clientId: UserPoolClient.ClientId, clientSecret: UserPoolClient.ClientSecret };
}

async function makePerson(
  { id: UserPoolId }: Pool,
  email: string,
  { verified, groups }: { verified: boolean; groups: readonly string[] },
): Promise<void> {
  const UserAttributes = Object.entries({ email, email_verified: String(verified), name: 'Ada' }).map(
    ([Name, Value]) => ({ Name, Value }),
  );
  await call('AdminCreateUser', { UserPoolId, Username: email, UserAttributes, MessageAction: 'SUPPRESS' });
  await call('AdminSetUserPassword', { UserPoolId, Username: email, Password: PASSWORD, Permanent: true });
  for (const GroupName of groups) await call('AdminAddUserToGroup', { UserPoolId, Username: email, GroupName });
}

async function tokens({ id, clientId }: Pool, email: string): Promise<{ idToken: string; accessToken: string }> {
  const { AuthenticationResult: given } = await call<{
    AuthenticationResult: { IdToken: string; AccessToken: string };
  }>('AdminInitiateAuth', {
    ...{ UserPoolId: id, ClientId: clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' },
    AuthParameters: { USERNAME: email, PASSWORD },
  });
  return { idToken: given.IdToken, accessToken: given.AccessToken };
}

function open({ id, clientId, clientSecret }: Pool, more: Record<string, string> = {}) {
  const env = { COGNITO_USER_POOL_ID: id, COGNITO_CLIENT_ID: clientId, COGNITO_CLIENT_SECRET: clientSecret, ...more };
  const keysOf = () => `${server.url}/${id}/.well-known/jwks.json`;
  return createOidcIdentity({ ...cognitoRules(config.parse(env)), keysOf }, { now: Date.now, answerMs: 10_000 });
}

describe('tokens of moto’s user pools', () => {
  it('are of the shape that the rules of Cognito are for', async () => {
    const { idToken, accessToken } = await tokens(pool, 'ada@example.org');
    const issuer = `https://cognito-idp.${REGION}.amazonaws.com/${pool.id}`;
    expect(decodeJwt(idToken)).toMatchObject({ iss: issuer, aud: pool.clientId, token_use: 'id' });
    expect(decodeJwt(accessToken)).toMatchObject({ iss: issuer, client_id: pool.clientId, token_use: 'access' });
    expect(decodeJwt(accessToken).aud).toBeUndefined();
    expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'RS256', kid: 'dummy' });
  });

  it('tell the person, the groups, and whether the address is verified', async () => {
    const { idToken, accessToken } = await tokens(pool, 'ada@example.org');
    const identity = await open(pool).validateToken(idToken, { accessToken });
    expect(identity).toMatchObject({ email: 'ada@example.org', emailVerified: true, name: 'Ada' });
    expect([...(identity.groups ?? [])].sort()).toEqual(['admins', 'astronomers']);
    const eve = await open(pool).validateToken((await tokens(pool, 'eve@example.org')).idToken);
    expect(eve).toMatchObject({ email: 'eve@example.org', emailVerified: false });
    expect(eve.subject).not.toBe(identity.subject);
  });

  it('are refused as what they are not, and with somebody else’s access token', async () => {
    const ada = await tokens(pool, 'ada@example.org');
    const eve = await tokens(pool, 'eve@example.org');
    const provider = open(pool);
    await expect(provider.validateToken(ada.accessToken)).rejects.toMatchObject(REFUSED);
    const mixed = provider.validateToken(ada.idToken, { accessToken: eve.accessToken });
    await expect(mixed).rejects.toMatchObject(REFUSED);
    await expect(provider.validateToken(ada.idToken, { accessToken: ada.idToken })).rejects.toMatchObject(REFUSED);
  });

  it('of another pool or client are refused, though their key is the same', async () => {
    const other = await makePool('other');
    await makePerson(other, 'ada@example.org', { verified: true, groups: [] });
    const foreign = await tokens(other, 'ada@example.org');
    await expect(open(pool).validateToken(foreign.idToken)).rejects.toMatchObject({
      ...REFUSED,
      cause: { message: 'iss is not the issuer' },
    });
    const { idToken } = await tokens(pool, 'ada@example.org');
    const client = open({ ...pool, clientId: other.clientId });
    await expect(client.validateToken(idToken)).rejects.toMatchObject(REFUSED);
  });

  it('are refused by a deployment whose COGNITO_ISSUER is moto: the issuer is compared letter by letter', async () => {
    const { idToken } = await tokens(pool, 'ada@example.org');
    const provider = open(pool, { COGNITO_ISSUER: `${server.url}/${pool.id}` });
    await expect(provider.validateToken(idToken)).rejects.toMatchObject(REFUSED);
  });
});
