//! `palisade audit erase`: destroys the key of a person. Whoever writes the log does it, so that nothing more is sealed under that key; where nobody
//! does, this process.

use super::records::log_segments;
use super::{EraseArgs, Failure};
use crate::trail::{Erasure, People, lock_folder};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a gateway is waited for: it looks each second.
const WAIT: Duration = Duration::from_secs(10);

/// How often it is looked whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Longest name of what asked for it, in bytes.
const TICKET_BYTES_MAX: usize = 64;

pub(super) fn run(args: &EraseArgs) -> Result<(), Failure> {
    let EraseArgs {
        log,
        tenant,
        user,
        ticket,
        keys,
    } = args;
    log_segments(log)?;
    let people = People::of(log, keys.people_keys.as_deref());
    let mut out = std::io::stdout();
    let Some((asked, erasure)) = people.ask(tenant, user, ticket.clone())? else {
        writeln!(
            out,
            "nothing is sealed: this person has no key in {}",
            people.folder().display()
        )?;
        return Ok(());
    };
    let told = match erased(&people, log, &asked, &erasure)? {
        By::Gateway => "as a record of the log says",
        By::Us => "as the log will say when a gateway next writes it",
    };
    writeln!(
        out,
        "key {} is destroyed, {told}. Copies of it, such as in backups, are yours to destroy",
        erasure.key
    )?;
    Ok(())
}

/// Who destroyed the key.
enum By {
    Gateway,
    Us,
}

fn erased(people: &People, log: &Path, asked: &Path, erasure: &Erasure) -> Result<By, Failure> {
    let began = Instant::now();
    while began.elapsed() < WAIT {
        if !asked.exists() {
            return Ok(By::Gateway);
        }
        if let Ok(_lock) = lock_folder(log) {
            people.destroy(erasure)?;
            return Ok(By::Us);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Err(format!(
        "{}: the gateway has not done it yet. It will, as soon as it can write its log",
        asked.display()
    )
    .into())
}

/// A name of what asked for an erasure: it stays in the log for good, so it is no text that could name the person.
pub(super) fn ticket(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/#-".contains(&byte);
    match (1..=TICKET_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "is at most {TICKET_BYTES_MAX} letters, digits and `._:/#-`: it stays in the log, so it must not name the person"
        )),
    }
}
