//! Records of the gateway itself, for people.

use super::{person, short};
use crate::clock::stamp;
use palisade_audit::{Changed, ChangedEntry, LogRead, Record, RegistryChanged, RegistryReach};
use std::borrow::Cow;
use std::io::Write;

/// Shows one; nothing of an exchange's.
pub(super) fn show(record: &Record, out: &mut impl Write) -> std::io::Result<()> {
    let (time, name, text) = match record {
        Record::LogStarted(r) => {
            let digest = short(&r.policy.digest);
            let torn = optional(r.torn_bytes, |bytes| format!(", {bytes} bytes were torn before"));
            let text = format!("{} mode, palisade {}, policies {digest}{torn}", r.mode, r.version);
            (r.time, "log started", text)
        }
        Record::LogStopped(r) => (r.time, "log stopped", String::new()),
        Record::KeyRotated(r) => (r.time, "key rotated", format!("{} signs from now on", r.next)),
        Record::ClockStep(r) => {
            let text = format!("by {} ms", r.by_ms);
            (r.time, "clock step", text)
        }
        Record::Erased(r) => {
            let ticket = optional(r.ticket.as_ref(), |ticket| format!(", for {ticket}"));
            let text = format!("what is sealed under {}{ticket}, by user {}", short(&r.key), r.by);
            (r.time, "erased", text)
        }
        Record::LogRead(r) => (r.time, "log read", read(r)),
        Record::Ongoing(r) => {
            let text = format!("{} exchanges from segments before", r.exchanges.len());
            (r.time, "ongoing", text)
        }
        Record::Lost(r) => {
            let text = format!("{} records could not be written", r.count);
            (r.time, "LOST", text)
        }
        Record::Strangers(r) => {
            let text = format!("{} refused from {}: {}", r.count, r.client_ip, r.reason.name());
            (r.time, "strangers", text)
        }
        Record::PolicyActivated(r) => {
            let (new, previous) = (short(&r.policy.digest), short(&r.previous));
            let text = format!("policies {new}, before {previous}");
            (r.time, "rules in force", text)
        }
        Record::RegistryChanged(r) => (r.time, "registry", registry(r)),
        Record::RegistryReach(r) => (r.time, "registry", reach(r)),
        Record::PolicyRefused(r) => {
            let problems = r.problems.join("\n        ");
            let text = format!("policies {} stay\n        {problems}", short(&r.policy.digest));
            (r.time, "RULES REFUSED", text)
        }
        Record::Shadow(r) => {
            let changes: Vec<String> = r.changes.iter().map(changed).collect();
            let text = format!(
                "{} would say: {}  request {}",
                short(&r.policy.digest),
                changes.join("; "),
                r.request_id
            );
            (r.time, "tried policies", text)
        }
        Record::Facts(r) => {
            let member = |name: &str| r.facts.get(name).and_then(|value| value.as_str());
            let about = [member("tenant"), member("id"), member("sealed")]
                .into_iter()
                .flatten();
            let about: Vec<Cow<'_, str>> = about.map(person).collect();
            let text = format!("{} are those of {}", short(&r.digest), about.join("/"));
            (r.time, "facts", text)
        }
        Record::Decision(_) | Record::Completion(_) => return Ok(()),
    };
    writeln!(out, "{}  {}", stamp(time), format!("{name:<14}{text}").trim_end())
}

fn changed(change: &Changed) -> String {
    let Changed {
        category,
        is,
        place,
        policies,
        was,
        ..
    } = change;
    let of = match (category, place) {
        (Some(category), Some(place)) => format!("{category} ({place}) "),
        _ => String::new(),
    };
    format!("{of}{is}, not {was} [{}]", policies.join(", "))
}

fn registry(changed: &RegistryChanged) -> String {
    let entry = |entry: &ChangedEntry| format!("{} {} {}", entry.became, entry.of, entry.id);
    let entries: Vec<String> = changed.entries.iter().map(entry).collect();
    let more = optional(changed.more, |more| format!(", and {more} more"));
    entries.join(", ") + &more
}

fn reach(reach: &RegistryReach) -> String {
    let answers = if reach.reachable {
        "answers again"
    } else {
        "does not answer"
    };
    let why = optional(reach.why.as_ref(), |why| format!(": {why}"));
    format!("its store {answers}, after {} s{why}", reach.stale_s)
}

fn read(read: &LogRead) -> String {
    let names = if read.names { ", people by name" } else { "" };
    let tenant = optional(read.tenant.as_ref(), |tenant| format!(", tenant {tenant}"));
    let request = optional(read.request_id.as_ref(), |id| format!(", request {id}"));
    format!(
        "by user {} with `{}`{names}{tenant}{request}",
        read.by, read.command
    )
}

/// The text of what may not be there.
fn optional<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or(String::new(), text)
}
