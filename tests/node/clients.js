// The clients of OpenAI, Anthropic and Vercel, unmodified, told the gateway's URL: each chats, streams, calls a tool, is refused, and never sees or sends personal
// data. `clients.test.js` runs them over http, `https.test.js` over https.

import { after, afterEach, before, test } from "node:test";
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import AnthropicBedrock from "@anthropic-ai/bedrock-sdk";
import OpenAI from "openai";
import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { generateText, streamText, tool } from "ai";
import { z } from "zod";

const CARD = "4111 1111 1111 1111";
const NOVA = "amazon.nova-lite-v1:0";
const CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0";
const DENIED = "anthropic.claude-3-opus-20240229-v1:0";
const WEATHER = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

let demo;

const key = () => {
  const { accessKeyId, secretAccessKey } = demo.credentials("retail");
  return `${accessKeyId}.${secretAccessKey}`;
};

// Each client: what it says to a model, streamed or not; which tool a model calls and what comes of the result; the status of a refusal.
const CLIENTS = {
  "openai chat": {
    model: NOVA,
    make: () => new OpenAI({ baseURL: `${demo.env.PALISADE_URL}/v1`, apiKey: key(), maxRetries: 0 }),
    async chat(client, model, content) {
      const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content }] });
      return answer.choices[0].message.content;
    },
    async stream(client, model, content) {
      let said = "";
      const chunks = await client.chat.completions.create({ model, messages: [{ role: "user", content }], stream: true });
      for await (const chunk of chunks) said += chunk.choices[0]?.delta.content ?? "";
      return said;
    },
    async tool(client, model, content) {
      const tools = [{ type: "function", function: { name: "weather", parameters: WEATHER } }];
      const messages = [{ role: "user", content }];
      const { message } = (await client.chat.completions.create({ model, messages, tools })).choices[0];
      const [call] = message.tool_calls;
      messages.push(message, { role: "tool", tool_call_id: call.id, content: "sun" });
      const answer = await client.chat.completions.create({ model, messages, tools });
      return [JSON.parse(call.function.arguments), answer.choices[0].message.content];
    },
  },
  "openai responses": {
    model: NOVA,
    make: () => new OpenAI({ baseURL: `${demo.env.PALISADE_URL}/v1`, apiKey: key(), maxRetries: 0 }),
    async chat(client, model, input) {
      return (await client.responses.create({ model, input })).output_text;
    },
    async stream(client, model, input) {
      const response = await client.responses.stream({ model, input }).finalResponse();
      return response.output_text;
    },
    async tool(client, model, content) {
      const tools = [{ type: "function", name: "weather", parameters: WEATHER, strict: false }];
      const input = [{ role: "user", content }];
      const first = await client.responses.create({ model, input, tools });
      const call = first.output.find((item) => item.type === "function_call");
      input.push(...first.output, { type: "function_call_output", call_id: call.call_id, output: "sun" });
      return [JSON.parse(call.arguments), (await client.responses.create({ model, input, tools })).output_text];
    },
  },
  "anthropic with Nova": anthropic(NOVA, () => new Anthropic({ baseURL: demo.env.PALISADE_URL, apiKey: key(), maxRetries: 0 })),
  "anthropic with Claude": anthropic(CLAUDE, () => new Anthropic({ baseURL: demo.env.PALISADE_URL, apiKey: key(), maxRetries: 0 })),
  "anthropic on Bedrock": anthropic(CLAUDE, () => {
    const { accessKeyId, secretAccessKey } = demo.credentials("retail");
    return new AnthropicBedrock({ baseURL: demo.env.PALISADE_URL, awsRegion: "us-east-1", awsAccessKey: accessKeyId, awsSecretKey: secretAccessKey, maxRetries: 0 });
  }),
  "AI SDK": {
    model: NOVA,
    make() {
      const { accessKeyId, secretAccessKey } = demo.credentials("retail");
      return createAmazonBedrock({ baseURL: demo.env.PALISADE_URL, region: "us-east-1", accessKeyId, secretAccessKey });
    },
    async chat(client, model, prompt) {
      return (await generateText({ model: client(model), prompt, maxRetries: 0 })).text;
    },
    async stream(client, model, prompt) {
      let failed;
      const { textStream } = streamText({ model: client(model), prompt, maxRetries: 0, onError: ({ error }) => (failed = error) });
      let said = "";
      for await (const piece of textStream) said += piece;
      if (failed) throw failed;
      return said;
    },
    async tool(client, model, prompt) {
      let called;
      const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: async (input) => ((called = input), "sun") });
      const { text } = await generateText({ model: client(model), prompt, tools: { weather }, maxRetries: 0, stopWhen: ({ steps }) => steps.length > 1 });
      return [called, text];
    },
  },
};

function anthropic(model, make) {
  const max_tokens = 64;
  const textOf = ({ content }) => content.map((block) => block.text ?? "").join("");
  return {
    model,
    make,
    async chat(client, model, content) {
      return textOf(await client.messages.create({ model, max_tokens, messages: [{ role: "user", content }] }));
    },
    async stream(client, model, content) {
      return textOf(await client.messages.stream({ model, max_tokens, messages: [{ role: "user", content }] }).finalMessage());
    },
    async tool(client, model, content) {
      const tools = [{ name: "weather", input_schema: WEATHER }];
      const messages = [{ role: "user", content }];
      const first = await client.messages.create({ model, max_tokens, messages, tools });
      const call = first.content.find((block) => block.type === "tool_use");
      messages.push({ role: "assistant", content: first.content }, { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "sun" }] });
      return [call.input, textOf(await client.messages.create({ model, max_tokens, messages, tools }))];
    },
  };
}

const statusOf = (error) => error.status ?? error.statusCode;

// The tests, of a gateway that `start` starts.
export function suite(start) {
  before(async () => {
    for (const name of Object.keys(process.env)) if (/^(AWS|OPENAI|ANTHROPIC)_/.test(name)) delete process.env[name];
    demo = await start();
  });

  afterEach(async () => demo.check());

  after(async () => demo.stop());

  for (const [name, { model, make, chat, stream, tool }] of Object.entries(CLIENTS)) {
    test(`${name}: a chat, whole and streamed`, async () => {
      for (const ask of [chat, stream]) {
        await demo.script({ text: "Hello there.", chunk_chars: 4 });
        assert.equal(await ask(make(), model, "hello"), "Hello there.");
      }
    });

    test(`${name}: a tool goes round`, async () => {
      await demo.script({ tool_use: { name: "weather", input: { city: "Bern" } } }, { text: "Sunny." });
      assert.deepEqual(await tool(make(), model, "weather in Bern?"), [{ city: "Bern" }, "Sunny."]);
    });

    test(`${name}: personal data is taken out both ways`, async () => {
      for (const ask of [chat, stream]) {
        await demo.script({ text: `Your card is ${CARD}.`, chunk_chars: 3 });
        assert.equal(await ask(make(), model, `My card is ${CARD}.`), "Your card is {CREDIT_DEBIT_CARD_NUMBER}.");
      }
      const received = JSON.stringify(await demo.received());
      assert(received.includes("CREDIT_DEBIT_CARD_NUMBER") && !received.includes(CARD));
    });

    test(`${name}: a model that is not allowed, an error of the provider, a stream that breaks`, async () => {
      for (const ask of [chat, stream]) {
        await assert.rejects(ask(make(), DENIED, "hello"), (error) => statusOf(error) === 403);
        await demo.script({ status: 429, error: "ThrottlingException", message: "enough" });
        await assert.rejects(ask(make(), model, "hello"), (error) => statusOf(error) === 429);
      }
      await demo.script({ text: "One two three four.", chunk_chars: 2, exception_after: 4, exception: "throttlingException", message: "enough" });
      await assert.rejects(stream(make(), model, "count"));
    });
  }
}
