// Copyright (c) 2026 The bitrix24.portal contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// node server.mjs CLIENT_ID CLIENT_SECRET SECONDS: oidc-provider with refresh tokens that are good for one use, and access
// tokens that live so long. Prints one line of JSON, {"url", "refresh_token"}, and serves until it is ended.

import http from "node:http";

import Provider from "oidc-provider";

const [clientId, clientSecret, seconds] = process.argv.slice(2);
const scope = "openid offline_access";
const day = 24 * 3600;

const server = http.createServer();
server.listen(0, "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: ["https://application.example/"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    cookies: { keys: ["of the tests"] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    ttl: { AccessToken: Number(seconds), Grant: day, IdToken: day, RefreshToken: day },
  });
  const grant = new provider.Grant({ accountId: "1", clientId });
  grant.addOIDCScope(scope);
  const token = new provider.RefreshToken({
    accountId: "1",
    authTime: Math.floor(Date.now() / 1000),
    client: await provider.Client.find(clientId),
    expiresWithSession: false,
    grantId: await grant.save(),
    gty: "authorization_code",
    scope,
  });
  const refreshToken = await token.save();
  server.on("request", provider.callback());
  console.log(JSON.stringify({ url, refresh_token: refreshToken }));
});
