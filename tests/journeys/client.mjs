// Microsoft's Graph client for JavaScript at us: `node client.mjs MODULE ORIGIN` with the tokens and ids as JSON in its input.
// Says what came of each step as JSON; the test knows what is right.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const [module, origin] = process.argv.slice(2);
const { Client } = createRequire(import.meta.url)(module);
const { tokens, packageId, leoId } = JSON.parse(await text(process.stdin));
const EM = "/identityGovernance/entitlementManagement";

/** The client for whoever has this token; it sends tokens over TLS alone, and to no host it was not told of. */
function signedIn(token) {
  const authProvider = (done) => done(null, token);
  return Client.init({ authProvider, baseUrl: `${origin}/`, customHosts: new Set([new URL(origin).hostname]) });
}

const [mia, leo, bob, nobody] = [tokens.mia, tokens.leo, tokens.bob, "forged"].map(signedIn);
const said = {};

said.me = (await mia.api("/me").select("id,displayName").get()).displayName;
const found = mia.api(`${EM}/accessPackages/filterByCurrentUser(on='allowedRequestor')`).filter("displayName eq 'Payroll'").top(5);
said.packages = (await found.get()).value.map((one) => one.displayName);
said.requirements = (await mia.api(`${EM}/accessPackages/${packageId}/getApplicablePolicyRequirements`).post({})).value.length;

const ask = { requestType: "userAdd", assignment: { accessPackageId: packageId, target: { objectId: leoId } } };
const asked = await mia.api(`${EM}/assignmentRequests`).post(ask);
said.asked = [asked.requestType, asked.state, asked.status];
said.refused = await mia.api(`${EM}/assignmentRequests`).post(ask).catch(({ statusCode, code, message, body }) => ({ statusCode, code, message, isJSON: !!JSON.parse(body).code }));

const waiting = await bob.api(`${EM}/accessPackageAssignmentApprovals/filterByCurrentUser(on='approver')`).expand("stages").get();
said.waiting = waiting.value.map((one) => one.id === asked.id);
const [stage] = waiting.value[0].stages;
const decided = bob.api(`${EM}/accessPackageAssignmentApprovals/${asked.id}/stages/${stage.id}`);
said.decided = (await decided.patch({ reviewResult: "Approve", justification: "fine" })) ?? null;

const mine = leo.api(`${EM}/assignments/filterByCurrentUser(on='target')`).expand("target,accessPackage").count(true);
const held = await mine.get();
said.held = [held["@odata.count"], ...held.value.map((one) => [one.state, one.target.objectId === leoId, one.accessPackage.displayName])];
said.pages = await paged(leo, `${EM}/assignments/filterByCurrentUser(on='target')`);
said.forged = await nobody.api("/me").get().catch(({ statusCode, code }) => [statusCode, code]);
console.log(JSON.stringify(said));

/** Follow `@odata.nextLink`, which is a whole address of ours. */
async function paged(client, path) {
  let pages = 0;
  for (let next = client.api(path).top(1); next; pages++) {
    const page = await next.get();
    next = page["@odata.nextLink"] ? client.api(page["@odata.nextLink"]) : null;
  }
  return pages;
}
