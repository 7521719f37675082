// The identity provider of the tests: a real OpenID Connect server on a free port of the loopback interface. It says
// "issuer: http://127.0.0.1:PORT" when it is ready, and "rotated" when it has other keys.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

// Who can sign in, with any password, and what the provider knows about them.
const accounts = {
  bob: { email: "bob@example.com", email_verified: true, name: "Bob" },
  nina: { email: "nina@example.com", email_verified: false, name: "Nina" },
};

// For each algorithm a product that has its access tokens signed with it.
const algorithms = ["RS256", "ES256", "EdDSA"];

function newKeys() {
  const pairs = {
    RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
    EdDSA: generateKeyPairSync("ed25519"),
  };
  return algorithms.map((alg) => ({
    ...pairs[alg].privateKey.export({ format: "jwk" }),
    alg,
    use: "sig",
    kid: randomUUID(),
  }));
}

function provider(issuer, keys) {
  return new Provider(issuer, {
    jwks: { keys },
    cookies: { keys: [randomUUID()] },
    clients: algorithms.map((algorithm) => ({
      client_id: `product-${algorithm}`,
      token_endpoint_auth_method: "none",
      redirect_uris: ["http://127.0.0.1/signed-in"],
      application_type: "native",
    })),
    scopes: ["openid", "email", "profile"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
    extraTokenClaims: (_, token) => accounts[token.accountId],
    features: {
      resourceIndicators: {
        defaultResource: () => "https://roster.example.com",
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, _resource, client) => ({
          audience: "roster",
          scope: "openid email profile",
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: client.clientId.replace("product-", "") } },
        }),
      },
    },
    ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
  }).callback();
}

let keys = newKeys();
let handle;
const server = createServer((request, response) => {
  // As at a provider of many nodes, the new keys can be published beside those that sign, and sign later.
  if (request.method === "POST" && request.url === "/test/rotate") {
    keys = newKeys();
    handle = provider(issuer, keys);
    response.end("rotated\n");
  } else {
    handle(request, response);
  }
});
let issuer;
server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  handle = provider(issuer, keys);
  console.log(`issuer: ${issuer}`);
});
