// A certified OpenID provider with three clients; whoever says a name at its sign-in page is believed.
// node op.mjs MODULE PORT PORTAL_URL
import { pathToFileURL } from "node:url";

const [module, port, portal] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(module).href);
const issuer = `http://127.0.0.1:${port}`;
const audience = "urn:grantline";

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "portal",
      client_secret: "portal-secret",
      redirect_uris: [`${portal}/auth/callback`],
      post_logout_redirect_uris: [`${portal}/`],
    },
    {
      client_id: "cli",
      token_endpoint_auth_method: "none",
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/done"],
    },
    {
      client_id: "hr-sync",
      client_secret: "hr-sync-secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username", "name"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: `${id}@grantline.test`, name: id }),
  }),
  // An application's permissions are its roles; they are put in here as an administrator of a provider does it.
  extraTokenClaims: (_, token) =>
    token.kind === "ClientCredentials" ? { roles: (token.scope ?? "").split(" ") } : { preferred_username: `${token.accountId}@grantline.test` },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // The portal's tokens are for asking the provider about the person, the others' for us.
      defaultResource: (_, client) => (client.clientId === "portal" ? undefined : audience),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "EntitlementManagement.Read.All EntitlementManagement.ReadWrite.All User.Read",
        audience,
        accessTokenFormat: "jwt",
      }),
    },
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
