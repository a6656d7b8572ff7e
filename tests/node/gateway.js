// A running `palisade demo` for the JavaScript tests, and the invariant that holds after each of them.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";

export async function waitFor(what, probe, timeoutMs = 10_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    assert(Date.now() < deadline, `waited ${timeoutMs} ms for ${what}`);
    await sleep(20);
  }
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
// What was judged of a conversation as the provider received it: its contents with text, each a list of events.
function contentsOf(lines) {
  const contents = [];
  let open;
  for (const line of lines) {
    const { event } = JSON.parse(line);
    if (["TEXT", "TOOL"].includes(event.contentStart?.type)) contents.push((open = []));
    open?.push(line);
    if (event.contentEnd) open = undefined;
  }
  return contents.map((content) => `[${content.join(",")}]`);
}

const bodyOf = ({ body }) => (typeof body === "string" ? Buffer.from(body) : Buffer.from(body.base64, "base64"));

// The records of a segment: proxy/audit/FORMAT.md. The frame that is being written may not be whole.
function recordsOf(segment) {
  const records = [];
  for (let at = 0; at + 40 <= segment.length && segment.readUInt32BE(at) === 0xff504601; ) {
    const end = at + 40 + segment.readUInt32BE(at + 4);
    if (end + 4 > segment.length || segment.readUInt32BE(end) !== 0xff465001) break;
    for (at += 40; at < end; ) {
      const length = segment.readUInt32BE(at);
      records.push(JSON.parse(segment.toString("utf8", at + 8, at + 8 + length)));
      at += 8 + length;
    }
    at = end + 4;
  }
  return records;
}

function variables(file) {
  const lines = readFileSync(file, "utf8").split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

export class Demo {
  static async start() {
    const demo = new Demo();
    const folder = mkdtempSync(join(tmpdir(), "palisade-node-"));
    const envFile = join(folder, "env");
    const output = join(folder, "output");
    const log = openSync(output, "w");
    const args = ["demo", "--port", "0", "--env-file", envFile, "--dir", join(folder, "data")];
    demo.process = spawn(process.env.PALISADE_BIN, args, { stdio: ["ignore", log, log] });
    demo.ended = new Promise((resolve) => demo.process.once("exit", resolve));
    await waitFor("the demo to start", () => {
      assert.equal(demo.process.exitCode, null, existsSync(output) ? readFileSync(output, "utf8") : "");
      return existsSync(envFile);
    }, 60_000);
    demo.env = variables(envFile);
    return demo;
  }

  credentials(tenant) {
    const prefix = tenant.toUpperCase();
    return {
      accessKeyId: this.env[`${prefix}_ACCESS_KEY_ID`],
      secretAccessKey: this.env[`${prefix}_SECRET_ACCESS_KEY`],
    };
  }

  token(tenant) {
    return this.env[`${tenant.toUpperCase()}_JWT`];
  }

  async side(method, path, body) {
    const response = await fetch(this.env.SIMULATOR_URL + path, { method, body: body && JSON.stringify(body) });
    return response.json();
  }

  script(...replies) {
    return this.side("POST", "/script", { replies });
  }

  async received() {
    const got = await this.side("GET", "/received");
    return Array.isArray(got) ? got : got.requests;
  }

  records(kind) {
    const folder = this.env.AUDIT_DIR;
    const files = readdirSync(folder).filter((name) => name.endsWith(".seg")).sort();
    const records = files.flatMap((name) => recordsOf(readFileSync(join(folder, name))));
    return records.filter((record) => record.kind === kind);
  }

  // Every decision is completed, and every request that the provider received was allowed before, as it was received.
  async check() {
    await waitFor("a completion for every decision", () => {
      const completed = new Set(this.records("completion").map((record) => record.decision));
      return this.records("decision").every((record) => completed.has(record.id));
    });
    const allowed = this.records("decision").filter((record) => record.effect !== "deny");
    for (const request of await this.received()) {
      assert.equal(request.sigv4, "valid");
      const talks = request.path.endsWith("/invoke-with-bidirectional-stream");
      for (const body of talks ? contentsOf(request.body.trim().split("\n")) : [bodyOf(request)]) {
        const digest = sha256(body);
        const earlier = allowed.filter(({ http, time }) => http.sent_sha256 === digest && time / 1e6 <= request.received_at_ms + 1);
        assert(earlier.length > 0, "a request went upstream that no earlier decision allows");
      }
    }
  }

  async stop() {
    this.process.kill("SIGINT");
    assert.equal(await this.ended, 0);
  }
}

const REGISTRY = new URL("../../config/registry.toml", import.meta.url);
const KEYS = { retail: "PLSDRETAILASSISTANT1", markets: "PLSDMARKETSFILINGS01", research: "PLSDRESEARCHNOTES001" };
const PROVIDER = { AWS_ACCESS_KEY_ID: "GATEWAY", AWS_SECRET_ACCESS_KEY: "g".repeat(40) };

// A gateway of its own that listens with the certificate in a folder (`chain.pem`, `key.pem`), before a simulator.
export class Gateway extends Demo {
  // `bedrock`: the URL of a provider in the place of the simulator.
  static async start(tls, bedrock) {
    assert(tls, "`tests/run node` makes the certificate, and says where");
    const gateway = new Gateway();
    const folder = (gateway.folder = mkdtempSync(join(tmpdir(), "palisade-node-")));
    mkdirSync(join(folder, "keys"));
    for (const tenant of Object.keys(KEYS)) writeFileSync(join(folder, "keys", tenant), `${tenant}-secret-${"s".repeat(32)}`);
    writeFileSync(join(folder, "registry.toml"), readFileSync(REGISTRY));
    writeFileSync(join(folder, "secret"), PROVIDER.AWS_SECRET_ACCESS_KEY);
    const simulator = join(dirname(process.env.PALISADE_BIN), "palisade-simulator");
    const behind = ["--access-key", PROVIDER.AWS_ACCESS_KEY_ID, "--secret-file", join(folder, "secret")];
    const provider = await gateway.run("simulator", simulator, behind, folder);
    const url = bedrock ?? provider.AWS_ENDPOINT_URL_BEDROCK_RUNTIME;
    const config = join(folder, "palisade.toml");
    writeFileSync(config, `[listen]
address = "127.0.0.1:0"
tls = { certificate = "${join(tls, "chain.pem")}", key = "${join(tls, "key.pem")}" }
[admin]
address = "127.0.0.1:0"
[registry]
file = "registry.toml"
[upstream]
region = "us-east-1"
bedrock_url = "${url}"
bedrock_agent_url = "${url}"
sagemaker_url = "${url}"
`);
    const served = await gateway.run("process", process.env.PALISADE_BIN, ["serve", "--config", config], folder);
    assert(served.PALISADE_URL.startsWith("https://"));
    gateway.env = { ...served, SIMULATOR_URL: provider.PALISADE_SIMULATOR_SIDE_URL, AUDIT_DIR: join(folder, "audit") };
    return gateway;
  }

  // Runs a program, and gives the variables that it tells once it has started.
  async run(name, program, args, folder) {
    const envFile = join(folder, `${name}.env`);
    const output = join(folder, name);
    const log = openSync(output, "w");
    const env = { ...process.env, ...PROVIDER };
    this[name] = spawn(program, [...args, "--env-file", envFile], { stdio: ["ignore", log, log], env });
    const ended = new Promise((resolve) => this[name].once("exit", resolve));
    if (name === "process") this.ended = ended;
    await waitFor(`${name} to start`, () => {
      assert.equal(this[name].exitCode, null, readFileSync(output, "utf8"));
      return existsSync(envFile);
    }, 60_000);
    return variables(envFile);
  }

  credentials(tenant) {
    return { accessKeyId: KEYS[tenant], secretAccessKey: `${tenant}-secret-${"s".repeat(32)}` };
  }

  async stop() {
    await super.stop();
    this.simulator.kill("SIGTERM");
  }
}
