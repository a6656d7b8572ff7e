// The AWS SDK for JavaScript, unmodified, over plain HTTP: it speaks HTTP/2 with prior knowledge.

import { after, afterEach, before, test } from "node:test";
import assert from "node:assert/strict";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { Demo, waitFor } from "./gateway.js";

const EMAIL = "ada.lovelace@example.org";
const TENANTS = ["retail", "markets", "research"];

let demo;
let clients;

const user = (text) => [{ role: "user", content: [{ text }] }];
const nova = (text) => JSON.stringify({ schemaVersion: "messages-v1", messages: user(text) });

before(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  demo = await Demo.start();
  process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = demo.env.PALISADE_URL;
  process.env.AWS_REGION = "us-east-1";
  // One handler, so one HTTP/2 connection, for every tenant: who calls must be told by request, not by connection.
  const { requestHandler } = new BedrockRuntimeClient({}).config;
  clients = {};
  for (const tenant of TENANTS) {
    clients[`${tenant} key`] = new BedrockRuntimeClient({ requestHandler, credentials: demo.credentials(tenant) });
    clients[`${tenant} token`] = new BedrockRuntimeClient({
      requestHandler,
      token: async () => ({ token: demo.token(tenant) }),
      authSchemePreference: ["httpBearerAuth"],
    });
  }
});

afterEach(async () => demo.check());

after(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await demo.stop();
});

const decoder = new TextDecoder();

const OPERATIONS = {
  async Converse(client, modelId, text) {
    const answer = await client.send(new ConverseCommand({ modelId, messages: user(text) }));
    return answer.output.message.content[0].text;
  },
  async ConverseStream(client, modelId, text) {
    const answer = await client.send(new ConverseStreamCommand({ modelId, messages: user(text) }));
    let said = "";
    for await (const event of answer.stream) said += event.contentBlockDelta?.delta.text ?? "";
    return said;
  },
  async InvokeModel(client, modelId, text) {
    const answer = await client.send(new InvokeModelCommand({ modelId, body: nova(text) }));
    return JSON.parse(decoder.decode(answer.body)).output.message.content[0].text;
  },
  async InvokeModelWithResponseStream(client, modelId, text) {
    const answer = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body: nova(text) }));
    let said = "";
    for await (const { chunk } of answer.body) {
      said += JSON.parse(decoder.decode(chunk.bytes)).contentBlockDelta?.delta.text ?? "";
    }
    return said;
  },
};

const last = () => demo.records("decision").at(-1);

async function refused(promise) {
  const error = await promise.then(() => assert.fail("not refused"), (error) => error);
  return [error.name, error.$metadata?.attempts];
}

for (const way of ["key", "token"]) {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    test(`${name} with a ${way}: allowed, and redacted both ways`, async () => {
      await demo.script({ text: `Ask ${EMAIL}, she knows.`, chunk_chars: 3 });
      const said = await operation(clients[`retail ${way}`], demo.env.ALLOWED_MODEL, `who is ${EMAIL}?`);
      assert.equal(said, "Ask {EMAIL}, she knows.");
      const received = (await demo.received()).at(-1);
      assert(received.body.includes("who is {EMAIL}?"));
      const decision = last();
      assert.equal(decision.http.version, "HTTP/2.0");
      assert.equal(decision.principal.authentication, way === "key" ? "sigv4" : "jwt");
      assert.equal(decision.effect, "allow_modified");
    });

    test(`${name} with a ${way}: denied after one attempt`, async () => {
      const before = (await demo.side("GET", "/stats")).requests;
      const call = operation(clients[`retail ${way}`], demo.env.DENIED_MODEL, "hello");
      assert.deepEqual(await refused(call), ["AccessDeniedException", 1]);
      assert.equal((await demo.side("GET", "/stats")).requests, before);
      assert.equal(last().effect, "deny");
    });
  }
}

test("a token that is not ours is refused after one attempt", async () => {
  const client = new BedrockRuntimeClient({ token: { token: "not.a.token" }, authSchemePreference: ["httpBearerAuth"] });
  const [, attempts] = await refused(OPERATIONS.Converse(client, demo.env.ALLOWED_MODEL, "hello"));
  assert.equal(attempts, 1);
  // Nobody waits for the record of a caller who is not known.
  await waitFor("the record", () => last().reason === "authentication");
  client.destroy();
});

test("a wrong secret is refused", async () => {
  const credentials = { ...demo.credentials("retail"), secretAccessKey: "x".repeat(40) };
  const client = new BedrockRuntimeClient({ credentials });
  const [name] = await refused(OPERATIONS.Converse(client, demo.env.ALLOWED_MODEL, "hello"));
  assert.equal(name, "InvalidSignatureException");
  client.destroy();
});

test("a throttled provider is asked again by the SDK", async () => {
  await demo.script({ status: 429 }, { text: "now" });
  assert.equal(await OPERATIONS.Converse(clients["retail key"], demo.env.ALLOWED_MODEL, "hello"), "now");
});

test("a stream that dies throws a modelled exception", async () => {
  await demo.script({ text: "one two three", chunk_chars: 2, die_after: 3 });
  const [name] = await refused(OPERATIONS.ConverseStream(clients["retail key"], demo.env.ALLOWED_MODEL, "hello"));
  assert.equal(name, "ModelStreamErrorException");
  await waitFor("the record", () => demo.records("completion").at(-1).end === "upstream_error");
});

test("a stream that is left is cancelled at the provider", async () => {
  await demo.side("DELETE", "/received");
  await demo.script({ text: "word ".repeat(2000), chunk_chars: 5, delay_ms: 20 });
  const abort = new AbortController();
  const command = new ConverseStreamCommand({ modelId: demo.env.ALLOWED_MODEL, messages: user("hello") });
  const answer = await clients["retail key"].send(command, { abortSignal: abort.signal });
  for await (const event of answer.stream) if (event.contentBlockDelta) break;
  abort.abort();
  await waitFor("the provider to be cancelled", async () => (await demo.received())[0]?.outcome === "client_gone", 5_000);
  await waitFor("the record", () => demo.records("completion").at(-1).end === "client_gone");
});

test("fifty streams of three tenants on one connection keep to themselves", async () => {
  const before = demo.records("decision").length;
  const calls = Array.from({ length: 50 }, (_, index) => {
    const tenant = TENANTS[index % TENANTS.length];
    const way = index % 2 ? "key" : "token";
    const canary = `canary-${tenant}-${index}-${Math.random().toString(36).slice(2)}`;
    return { tenant, canary, said: OPERATIONS.ConverseStream(clients[`${tenant} ${way}`], demo.env.ALLOWED_MODEL, canary) };
  });
  const canaries = calls.map(({ canary }) => canary);
  for (const { canary, said } of calls) {
    const text = await said;
    assert(text.includes(canary));
    assert.deepEqual(canaries.filter((other) => other !== canary && text.includes(other)), []);
  }
  const tenants = demo.records("decision").slice(before).map(({ tenant }) => tenant);
  assert.equal(tenants.length, 50);
  for (const tenant of TENANTS) {
    assert.equal(tenants.filter((other) => other === tenant).length, calls.filter((call) => call.tenant === tenant).length);
  }
});
