// An OpenID provider on loopback, with the clients of a running system.
//
// Reads its settings as JSON from standard input, prints its issuer once it listens, and ends with
// its input. The page of its sign-in asks for a subject and the proof that shall be vouched for.

import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const chunks = process.stdin[Symbol.asyncIterator]();
const { port, clients, acrValues, people } = JSON.parse((await chunks.next()).value);
const issuer = `http://localhost:${port}`;

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'sign-in', use: 'sig', alg: 'ES256' };
}

const provider = new Provider(issuer, {
  acrValues,
  clients: clients.map((client) => ({
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    ...client,
  })),
  clientDefaults: { require_auth_time: true },
  claims: { openid: ['sub'], profile: ['name', 'identity_number'], acr: null, auth_time: null },
  cookies: { keys: ['made up'] },
  // Its own way out refuses loopback, and here everybody lives there.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  features: { devInteractions: { enabled: false } },
  findAccount: (_context, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, ...people[subject] }),
  }),
  interactions: { url: (_context, interaction) => `/person/${interaction.uid}` },
  jwks: { keys: [signingKey()] },
  pkce: { required: () => true },
  ttl: { IdToken: 60, AccessToken: 60, AuthorizationCode: 60, Interaction: 600, Grant: 600, Session: 600 },
});

for (const event of ['server_error', 'grant.error', 'authorization.error', 'userinfo.error']) {
  provider.on(event, (_context, error) => console.error(event, error.message, error.error_detail ?? ''));
}

async function person(request, response) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { subject, acr } = Object.fromEntries(new URLSearchParams(body));
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: subject, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  await provider.interactionFinished(request, response, {
    login: { accountId: subject, acr },
    consent: { grantId: await grant.save() },
  });
}

const answer = provider.callback();
const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url.startsWith('/person/')) {
    person(request, response).catch((error) => response.writeHead(500).end(String(error)));
  } else if (request.url.startsWith('/person/')) {
    response.end('who are you?');
  } else {
    answer(request, response);
  }
});
server.listen(port, '127.0.0.1', () => console.log(issuer));
await chunks.next();
process.exit(0);
