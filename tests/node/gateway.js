// A running `palisade demo` for the JavaScript tests, and the invariant that holds after each of them.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    const lines = readFileSync(envFile, "utf8").split("\n").filter((line) => line.includes("="));
    demo.env = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
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
      const digest = sha256(bodyOf(request));
      const earlier = allowed.filter(({ http, time }) => http.sent_sha256 === digest && time / 1e6 <= request.received_at_ms + 1);
      assert(earlier.length > 0, "a request went upstream that no earlier decision allows");
    }
  }

  async stop() {
    this.process.kill("SIGINT");
    assert.equal(await this.ended, 0);
  }
}
