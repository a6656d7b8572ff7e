//! CPU for each KiB of one request, over sizes and kinds of body: work that grows faster than the body shows as a figure that
//! grows with its size.

use super::failure::Failure;
use super::fleet::Fleet;
use super::http1::Connection;
use super::plan::{Operation, Prompt, StandIn, TOKENS, Workload};
use super::table::{Table, number};
use std::path::Path;

/// Sizes of bodies, in bytes.
const SIZES: [usize; 4] = [64 << 10, 512 << 10, 2 << 20, 8 << 20];

/// Who is measured, and behind whom.
const WORKLOAD: Workload = Workload {
    name: "sizes",
    prompt: Prompt::Clean(0),
    operation: Operation::Converse,
    upstream: StandIn::Simulator,
    arms: &[TOKENS],
    connections: 1,
    rate: None,
    measures_cpu: true,
    cpu_ratio_aim: None,
};

/// CPU that one figure is measured over at least: the clock counts hundredths of a second.
const MEASURED_US: f64 = 400_000.0;

/// A kind of body: the members of a content block, made of so many bytes.
type Kind = (&'static str, fn(usize) -> String);

/// What has cost other gateways, and this one, more than its length.
const KINDS: [Kind; 12] = [
    ("prose", |bytes| {
        text(&"plain words here and there. ".repeat(bytes / 28))
    }),
    ("one long line of letters", |bytes| text(&"x".repeat(bytes))),
    ("findings", |bytes| text(&"a@bc.de ".repeat(bytes / 8))),
    ("values that differ", |bytes| {
        text(&numbered(bytes, 24, |n| format!("mail{n}@example.org and ")))
    }),
    ("many texts with a value each", |bytes| {
        numbered(bytes, 40, |n| format!("{{\"text\":\"mail{n}@example.org\"}},")) + &text("end")
    }),
    ("many texts", |bytes| {
        "{\"text\":\"some words\"},".repeat(bytes / 22) + &text("end")
    }),
    ("escapes", |bytes| {
        format!("{{\"text\":\"{}\"}}", r"\u0061\n\/".repeat(bytes / 10))
    }),
    ("JSON in a string, four deep", |bytes| {
        input(&format!("\"{}\"", nested(bytes / 2)))
    }),
    ("a wide object", |bytes| {
        input(&format!(
            "{{{}\"z\":1}}",
            numbered(bytes, 14, |n| format!("\"k{n:07}\":1,"))
        ))
    }),
    ("deep arrays side by side", |bytes| {
        let deep = format!("{}{},", "[".repeat(40), "]".repeat(40));
        input(&format!("[{}1]", deep.repeat(bytes / deep.len())))
    }),
    ("keys that tell", |bytes| {
        input(&format!(
            "[{}1]",
            numbered(bytes, 21, |n| format!("{{\"ssn\":\"{n:09}\"}},"))
        ))
    }),
    ("words that tell", |bytes| {
        text(&"password= account number: ".repeat(bytes / 26))
    }),
];

fn text(text: &str) -> String {
    format!("{{\"text\":\"{text}\"}}")
}

fn input(json: &str) -> String {
    format!("{{\"toolUse\":{{\"toolUseId\":\"t\",\"name\":\"n\",\"input\":{{\"a\":{json}}}}}}}")
}

fn numbered(bytes: usize, each: usize, make: impl Fn(usize) -> String) -> String {
    (0..bytes / each).map(make).collect()
}

/// JSON with addresses in a string in a string, without the outermost quotes.
fn nested(bytes: usize) -> String {
    let mut inner = "a@bc.de ".repeat(bytes / 8);
    for _ in 0..4 {
        inner = format!("{{\"a\":\"{inner}\"}}")
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
    }
    inner
}

/// Measures every kind in every size, and returns a table of microseconds of CPU a KiB.
///
/// # Errors
/// When an exchange fails.
pub fn run(binaries: &Path, mut progress: impl FnMut(&str)) -> Result<String, Failure> {
    let fleet = Fleet::start(binaries, WORKLOAD.upstream, &[&WORKLOAD])?;
    let mut table = Table::new(&["body", "answer", "64 KiB", "512 KiB", "2 MiB", "8 MiB"]);
    for (name, make) in KINDS {
        let mut cells = vec![name.to_owned(), String::new()];
        for size in SIZES {
            progress(&format!("{name}, {} KiB", size >> 10));
            let (status, us_per_kib) = measure(&fleet, &make(size))?;
            cells.push(number(us_per_kib));
            if let Some(statuses) = cells.get_mut(1)
                && !statuses.ends_with(&status.to_string())
            {
                statuses.push_str(&format!(" {status}"));
            }
        }
        table.row(&cells.iter().map(|cell| cell.trim()).collect::<Vec<_>>());
    }
    Ok(table.text().to_owned())
}

/// The status, and microseconds of CPU for each KiB of body.
fn measure(fleet: &Fleet, block: &str) -> Result<(u16, f64), Failure> {
    let body = format!("{{\"messages\":[{{\"role\":\"user\",\"content\":[{block}]}}]}}");
    let request = fleet.request_with(&TOKENS, &body)?;
    let process = fleet
        .process(TOKENS.subject)
        .ok_or_else(|| Failure::wrong("the gateway does not run"))?;
    let mut connection = Connection::open(fleet.address(&TOKENS)?)?;
    let before = process.cpu_us()?;
    let mut sent = 0_u32;
    loop {
        let status = connection.answer(&request, |_| Ok(()))?;
        sent += 1;
        let used = process.cpu_us()? - before;
        if used >= MEASURED_US {
            let kib = body.len() as f64 / 1024.0;
            return Ok((status, used / f64::from(sent) / kib));
        }
    }
}
