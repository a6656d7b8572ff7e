// The AWS SDK for JavaScript, unmodified: SageMaker Runtime.

import { after, afterEach, before, test } from "node:test";
import assert from "node:assert/strict";
import {
  InvokeEndpointAsyncCommand,
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
  SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { Demo } from "./gateway.js";

const EMAIL = "ada.lovelace@example.org";
const ContentType = "application/json";

let demo;
let client;

const chat = (text) => JSON.stringify({ messages: [{ role: "user", content: text }] });
const event = (text) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`;

before(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  demo = await Demo.start();
  process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = demo.env.PALISADE_URL;
  process.env.AWS_REGION = "us-east-1";
  client = new SageMakerRuntimeClient({ credentials: demo.credentials("retail") });
});

afterEach(async () => demo.check());

after(async () => {
  client.destroy();
  await demo.stop();
});

async function joined(answer) {
  const parts = [];
  for await (const { PayloadPart } of answer.Body) parts.push(Buffer.from(PayloadPart.Bytes));
  return Buffer.concat(parts).toString();
}

async function refused(command) {
  const error = await client.send(command).then(() => assert.fail("not refused"), (error) => error);
  return [error.name, error.$metadata?.attempts];
}

test("an endpoint of one's own is called, and guarded both ways", async () => {
  const EndpointName = demo.env.ENDPOINT;
  const answer = await client.send(new InvokeEndpointCommand({ EndpointName, ContentType, Body: chat(`who is ${EMAIL}?`) }));
  // The simulated endpoint sends back what reached it.
  assert.equal(JSON.parse(Buffer.from(answer.Body).toString()).messages[0].content, "who is {EMAIL}?");
  assert.equal(answer.InvokedProductionVariant, "AllTraffic");
  assert.equal(demo.records("decision").at(-1).action, "InvokeEndpoint");
});

test("a stream is guarded as the joined text of its parts", async () => {
  const said = ["to ", "ada.love", "lace@example.org", ", ok. "].map(event).join("") + "data: [DONE]\n\n";
  await demo.script({ text: said, chunk_chars: 5 });
  const command = { EndpointName: demo.env.ENDPOINT, ContentType, Body: chat("hello") };
  const body = await joined(await client.send(new InvokeEndpointWithResponseStreamCommand(command)));
  const events = body.split("\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice(6)));
  assert.equal(events.map(({ choices }) => choices[0].delta.content).join(""), "to {EMAIL}, ok. ");
  assert(body.endsWith("data: [DONE]\n\n"));
});

test("a stream that breaks throws a modelled exception", async () => {
  await demo.script({ text: '{"choices": [' });
  const command = { EndpointName: demo.env.ENDPOINT, ContentType, Body: chat("hello") };
  const reading = client.send(new InvokeEndpointWithResponseStreamCommand(command)).then(joined);
  const error = await reading.then(() => assert.fail("ended as if it were whole"), (error) => error);
  assert.equal(error.name, "ModelStreamError");
});

test("what is not allowed is refused once", async () => {
  const { requests } = await demo.side("GET", "/stats");
  const foreign = { EndpointName: demo.env.FOREIGN_ENDPOINT, ContentType, Body: chat("hello") };
  assert.deepEqual(await refused(new InvokeEndpointCommand(foreign)), ["AccessDeniedException", 1]);
  const unknown = { EndpointName: "nobody-knows", ContentType, Body: chat("hello") };
  assert.deepEqual(await refused(new InvokeEndpointCommand(unknown)), ["ValidationError", 1]);
  const elsewhere = { EndpointName: demo.env.ENDPOINT, InputLocation: "s3://bucket/in.json" };
  assert.deepEqual(await refused(new InvokeEndpointAsyncCommand(elsewhere)), ["AccessDeniedException", 1]);
  assert.equal((await demo.side("GET", "/stats")).requests, requests);
});
