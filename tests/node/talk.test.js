// Conversations that go both ways at once (Nova Sonic), with the AWS SDK for JavaScript, unmodified: over HTTP/2 in clear, and over TLS.

import { after, afterEach, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:http2";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BedrockRuntimeClient, InvokeModelWithBidirectionalStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { Demo, Gateway, waitFor } from "./gateway.js";

const MODEL = "amazon.nova-sonic-v1:0";
const EMAIL = ["ada.lovelace", "example.org"].join("@");
// Assembled, so that no scanner of this repository finds it.
const SECRET = ["AKIA", "Z7Q4", "M2XK", "5WLP", "3BVN"].join("");
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const START = { sessionStart: { inferenceConfiguration: { maxTokens: 1024, topP: 0.9, temperature: 0.7 } } };
const prompt = (more = {}) => ({
  promptStart: {
    promptName: "p",
    textOutputConfiguration: { mediaType: "text/plain" },
    audioOutputConfiguration: { mediaType: "audio/lpcm", sampleRateHertz: 24000, voiceId: "matthew", encoding: "base64", audioType: "SPEECH" },
    ...more,
  },
});
const tools = (name) =>
  prompt({ toolConfiguration: { tools: [{ toolSpec: { name, description: "looks it up", inputSchema: { json: "{}" } } }] } });

let contents = 0;
function content(start, pieces) {
  const names = { promptName: "p", contentName: `c${(contents += 1)}` };
  const of = ([name, members]) => ({ [name]: { ...names, ...members } });
  return [of(["contentStart", start]), ...pieces.map(of), of(["contentEnd", {}])];
}
const text = (role, ...pieces) =>
  content(
    { type: "TEXT", interactive: true, role, textInputConfiguration: { mediaType: "text/plain" } },
    pieces.map((piece) => ["textInput", { content: piece }]),
  );
const sound = (bytes) =>
  content({ type: "AUDIO", interactive: true, role: "USER", audioInputConfiguration: { mediaType: "audio/lpcm" } }, [
    ["audioInput", { content: Buffer.alloc(bytes).toString("base64") }],
  ]);
const result = (said) =>
  content(
    { type: "TOOL", interactive: false, role: "TOOL", toolResultInputConfiguration: { toolUseId: "t", type: "TEXT" } },
    [["toolResult", { content: JSON.stringify(said) }]],
  );
const END = [{ promptEnd: { promptName: "p" } }, { sessionEnd: {} }];

// Says each group of events once the model has used tokens for the one before, as long as it listens.
async function talk(client, groups, modelId = MODEL, at = () => {}) {
  const heard = [];
  let turn;
  const turns = () => heard.filter((event) => event.usageEvent).length;
  async function* body() {
    for (const [index, group] of groups.entries()) {
      while (turns() < index) await new Promise((resolve) => (turn = resolve));
      if (index > 0) await at(index);
      for (const event of group) yield { chunk: { bytes: encoder.encode(JSON.stringify({ event })) } };
    }
  }
  const response = await client.send(new InvokeModelWithBidirectionalStreamCommand({ modelId, body: body() }));
  for await (const { chunk } of response.body) {
    heard.push(JSON.parse(decoder.decode(chunk.bytes)).event);
    turn?.();
  }
  return heard;
}

const said = (heard, role = "ASSISTANT") =>
  heard.map((event) => event.textOutput).filter((output) => output?.role === role).map((output) => output.content).join("");
const sounds = (heard) => heard.filter((event) => event.audioOutput).map((event) => event.audioOutput.content.length);

// A client that is killed while the model speaks.
const LEAVING = `
  import { BedrockRuntimeClient, InvokeModelWithBidirectionalStreamCommand } from "@aws-sdk/client-bedrock-runtime";
  const [modelId, said] = process.argv.slice(1);
  async function* body() {
    for (const event of JSON.parse(said)) yield { chunk: { bytes: new TextEncoder().encode(JSON.stringify({ event })) } };
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  const client = new BedrockRuntimeClient(JSON.parse(process.env.OPTIONS));
  const answer = await client.send(new InvokeModelWithBidirectionalStreamCommand({ modelId, body: body() }));
  for await (const _ of answer.body) process.kill(process.pid, "SIGKILL");
`;

const options = (demo) => ({ endpoint: demo.env.PALISADE_URL, region: "us-east-1", maxAttempts: 2 });

function suite(name, start) {
  describe(name, () => {
    let demo;
    let clients;

    before(async () => {
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
      demo = await start();
      const client = (more) => new BedrockRuntimeClient({ ...options(demo), ...more });
      clients = {};
      for (const tenant of ["retail", "research"]) clients[tenant] = client({ credentials: demo.credentials(tenant) });
      clients.wrong = client({ credentials: { ...demo.credentials("retail"), secretAccessKey: "w".repeat(40) } });
    });
    afterEach(async () => demo.check());
    after(async () => {
      for (const client of Object.values(clients)) client.destroy();
      await demo.stop();
    });

    // The events of the last conversation, as the model received them.
    const received = async () => {
      const request = await waitFor("the conversation to be over", async () => {
        const last = (await demo.received()).at(-1);
        return last?.path.endsWith("/invoke-with-bidirectional-stream") && last;
      });
      return request.body.trim().split("\n").map((line) => JSON.parse(line).event);
    };

    test("the model hears text, sound and results of tools, and answers in between", async () => {
      await demo.script({}, { tool_use: { name: "weather", input: { city: "Bonn" } } }, {});
      const heard = await talk(clients.retail, [
        [START, tools("weather"), ...text("SYSTEM", "Be kind."), ...text("USER", "Hello ", "there")],
        sound(3200),
        [...result({ weather: "fine" }), ...END],
      ]);
      assert.match(said(heard), /I heard: Hello there/);
      assert.equal(said(heard, "USER"), "sound of 3200 bytes");
      assert.deepEqual(JSON.parse(heard.find((event) => event.toolUse).toolUse.content), { city: "Bonn" });
      assert.match(said(heard), /I heard: {"weather":"fine"}/);
      assert(sounds(heard).every((length) => length > 0));
      const events = await received();
      assert.deepEqual(events[0], START);
      assert.equal(events.find((event) => event.textInput?.content.startsWith("Hello")).textInput.content, "Hello there");
      assert.deepEqual(events.at(-1), { sessionEnd: {} });
    });

    test("what policy takes out reaches neither side, and nobody says it", async () => {
      const says = { text: `Write to ${EMAIL} today.`, chunk_chars: 5 };
      await demo.script({}, says, {});
      const heard = await talk(clients.retail, [
        [START, prompt(), ...text("USER", `I am ${EMAIL.slice(0, 7)}`, EMAIL.slice(7))],
        text("USER", "Whom do I write to?"),
        [...result({ mail: EMAIL }), ...END],
      ]);
      assert(!JSON.stringify(heard).includes("lovelace"));
      assert.match(said(heard), /I heard: I am {EMAIL}/);
      assert.match(said(heard), /Write to {EMAIL} today\./);
      const lengths = sounds(heard);
      assert.deepEqual(lengths.map((length) => length > 0), [true, true, false, false, true, true]);
      assert(!JSON.stringify(await received()).includes("lovelace"));
    });

    test("each decision is recorded: to begin, and about each thing that is said", async () => {
      const before = demo.records("decision").length;
      await talk(clients.retail, [[START, tools("weather"), ...text("USER", `I am ${EMAIL}`), ...END]]);
      const decisions = await waitFor("the records", () => {
        const decisions = demo.records("decision").slice(before);
        return decisions.length === 4 && decisions;
      });
      const ids = new Set(decisions.map((decision) => decision.request_id));
      assert.equal(ids.size, 1);
      assert(decisions.every((decision) => decision.action === "InvokeModelWithBidirectionalStream"));
      assert.deepEqual(decisions.map((decision) => decision.effect), ["allow", "allow", "allow", "allow_modified"]);
      assert.deepEqual(decisions[0].coverage_gaps, ["audio"]);
      assert.equal(decisions[1].question.max_tokens, 1024);
      assert.deepEqual(decisions[2].question.tools, ["weather"]);
      assert.deepEqual(decisions[3].findings.map(({ category, place }) => [category, place]), [["EMAIL", "user"]]);
      const completions = await waitFor("the completion", () => {
        const of = demo.records("completion").filter((completion) => completion.request_id === decisions[0].request_id);
        return of.length === 4 && of;
      });
      const { usage, finish_reason } = completions.find((completion) => completion.decision === decisions[0].id);
      assert.deepEqual([usage.input_tokens, usage.output_tokens, finish_reason], [10, 20, "end_turn"]);
    });

    test("a credential ends the conversation with an exception", async () => {
      const ended = talk(clients.retail, [[START, prompt(), ...text("USER", "Hello")], [...text("USER", `My key is ${SECRET}`), ...END]]);
      await assert.rejects(ended, (error) => error.name === "ValidationException" && !error.message.includes(SECRET));
      assert(!JSON.stringify(await received()).includes(SECRET));
    });

    test("who may not call the model is refused after one attempt, before anything is said", async () => {
      const before = [(await demo.received()).length, demo.records("decision").length];
      const refused = talk(clients.retail, [[START, prompt(), ...END]], "meta.llama3-70b-instruct-v1:0");
      await assert.rejects(refused, { name: "AccessDeniedException" });
      assert.deepEqual([(await demo.received()).length, demo.records("decision").length], [before[0], before[1] + 1]);
    });

    test("a signature that does not match is refused", async () => {
      await assert.rejects(talk(clients.wrong, [[START, ...END]]), { name: "InvalidSignatureException" });
    });

    test("an error of the provider keeps its class", async () => {
      // Without a second attempt: what has been said cannot be said again.
      await demo.script({ error: "ModelNotReadyException", status: 429 });
      await assert.rejects(talk(clients.research, [[START, prompt(), ...END]]), { name: "ModelNotReadyException" });
    });

    test("an event that nobody knows ends it, and is told", async () => {
      const ended = talk(clients.research, [[START, prompt(), ...text("USER", "Hello")], [{ songInput: { content: "la" } }, ...END]]);
      await assert.rejects(ended, (error) => error.name === "ValidationException" && /unexpected shape/.test(error.message));
    });

    test("a client that leaves stops the model, and the record says so", async () => {
      const before = demo.records("completion").length;
      const env = { ...process.env, OPTIONS: JSON.stringify({ ...options(demo), credentials: demo.credentials("retail") }) };
      const said = JSON.stringify([START, prompt(), ...text("USER", "Hello")]);
      const leaves = spawn(process.execPath, ["--input-type=module", "-e", LEAVING, MODEL, said], { env, cwd: import.meta.dirname });
      await once(leaves, "exit");
      assert.equal(leaves.signalCode, "SIGKILL");
      await waitFor("the record", () => demo.records("completion").slice(before).some(({ end }) => end === "client_gone"));
      const left = await waitFor("the model to be stopped", async () => {
        const last = (await demo.received()).at(-1);
        return last.path.endsWith("-bidirectional-stream") && last.outcome === "client_gone" && last;
      });
      assert(left.body.includes("Hello"));
    });

    test("a token does not sign events", async () => {
      const session = connect(demo.env.PALISADE_URL);
      const request = session.request({
        ":method": "POST",
        ":path": `/model/${MODEL}/invoke-with-bidirectional-stream`,
        authorization: `Bearer ${demo.env.RETAIL_JWT ?? "none"}`,
      });
      const [headers] = await once(request, "response");
      const told = decoder.decode(Buffer.concat(await request.toArray()));
      session.close();
      if (demo.env.RETAIL_JWT) assert.deepEqual([headers[":status"], /signed requests only/.test(told)], [400, true], told);
      else assert.equal(headers[":status"], 403, told);
    });
  });
}

// A provider over HTTP/2 in clear that answers each call as `answer` does, and a gateway before it.
async function withProvider(answer, check) {
  const provider = createServer();
  provider.on("stream", answer);
  await once(provider.listen(0, "127.0.0.1"), "listening");
  const gateway = await Gateway.start(process.env.TLS_FOLDER, `http://127.0.0.1:${provider.address().port}`);
  const client = new BedrockRuntimeClient({ ...options(gateway), credentials: gateway.credentials("retail") });
  try {
    await check(client, gateway);
  } finally {
    client.destroy();
    await gateway.stop();
    provider.close();
  }
}

describe("a provider", () => {
  test("whose error comes in pieces is told", () =>
    withProvider(
      async (stream) => {
        stream.on("error", () => {});
        stream.respond({ ":status": 429, "x-amzn-errortype": "ThrottlingException", "content-type": "application/json" });
        await sleep(300);
        stream.end(JSON.stringify({ message: "Too many requests" }));
      },
      async (client) => {
        await assert.rejects(talk(client, [[START, prompt(), ...END]]), { name: "ThrottlingException", message: "Too many requests" });
      },
    ));

  test("that breaks off is told in the stream", () =>
    withProvider(
      (stream) => {
        stream.on("error", () => {});
        stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
        stream.once("data", () => stream.session.destroy());
      },
      async (client, gateway) => {
        await assert.rejects(talk(client, [[START, prompt()], END]), { name: "ModelStreamErrorException" });
        const end = await waitFor("the record", () => gateway.records("completion").find(({ end }) => end !== "completed")?.end);
        assert.equal(end, "upstream_error");
      },
    ));

  test("that does not answer before it leaves is told as what it is", () =>
    withProvider(
      (stream) => {
        stream.on("error", () => {});
        stream.close(7);
      },
      async (client, gateway) => {
        await assert.rejects(talk(client, [[START, prompt(), ...END]]), { name: "ServiceUnavailableException" });
        const attempts = await waitFor("the record", () => gateway.records("completion").find(({ attempts }) => attempts?.length)?.attempts);
        assert.deepEqual(attempts.map(({ result }) => result), ["broken"]);
      },
    ));
});

test("rules that come into force hold for what is said from then on", async () => {
  const gateway = await Gateway.start(process.env.TLS_FOLDER);
  const client = new BedrockRuntimeClient({ ...options(gateway), credentials: gateway.credentials("retail") });
  const registry = join(gateway.folder, "registry.toml");
  const withdraw = async () => {
    writeFileSync(registry, readFileSync(registry, "utf8").replace(`id = "${MODEL}"`, 'id = "amazon.nova-2-sonic-v1:0"'));
    await waitFor("the registry to be read", () => talk(client, [[START, ...END]]).then(() => false, ({ name }) => name === "ResourceNotFoundException"));
  };
  const said = talk(client, [[START, prompt(), ...text("USER", "Hello")], [...text("USER", "Still there?"), ...END]], MODEL, withdraw);
  await assert.rejects(said, (error) => error.name === "ValidationException" && /withdrawn/.test(error.message));
  const last = (await gateway.received()).at(-1);
  assert(!last.body.includes("Still there?"));
  client.destroy();
  await gateway.stop();
});

suite("in clear", () => Demo.start());
suite("over TLS", () => Gateway.start(process.env.TLS_FOLDER));
