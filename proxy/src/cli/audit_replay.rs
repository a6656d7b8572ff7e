//! `palisade audit replay`: every decision made again, from the log alone, by the policies that made it.

use super::archive::Archive;
use super::progress::Progress;
use super::records::each_line;
use super::{Failure, ReplayArgs};
use crate::replay::{Again, Form, Replayer};
use crate::trail::Read;
use palisade_audit::Entry;
use std::io::{BufWriter, Write};

/// How often it is told how far it is.
const PROGRESS_EVERY: u64 = 10_000;

/// True if every decision that can be made again comes out as it is recorded.
pub(super) fn run(args: &ReplayArgs) -> Result<bool, Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut archive = Archive::beside(&args.log);
    let mut replayer = Replayer::default();
    let (mut differ, mut damaged) = (0_u64, 0_u64);
    let progress = Progress::every(PROGRESS_EVERY);
    each_line(&args.log, &args.keys, Read::by("replay"), |line| {
        let Ok(entry) = &line.entry else {
            damaged += 1;
            return Ok(writeln!(out, "{}: not a record", line.place)?);
        };
        let Entry::Known(record) = entry else {
            return Ok(());
        };
        progress.at(replayer.replayed, "decisions");
        match replayer.take(record, |policy| archive.policies(policy)) {
            Ok(again) => {
                if let Some(difference) = again.and_then(|again| difference(&again)) {
                    differ += 1;
                    writeln!(out, "{}: {difference}", line.place)?;
                }
            }
            Err(why) => {
                damaged += 1;
                writeln!(out, "{}: {why}", line.place)?;
            }
        }
        Ok(())
    })?;
    drop(progress);
    writeln!(out, "{} decisions made again", replayer.replayed)?;
    for (why, count) in &replayer.left_out {
        writeln!(out, "{count} left out: {why}")?;
    }
    writeln!(out, "{differ} come out otherwise, {damaged} lines are damaged")?;
    out.flush()?;
    Ok(differ == 0 && damaged == 0)
}

/// What comes out otherwise, if anything does.
fn difference(again: &Again<'_>) -> Option<String> {
    match again {
        Again::Request {
            who, recorded, now, ..
        } => {
            (!recorded.is(now)).then(|| format!("request {}: recorded {recorded}, now {now}", who.request_id))
        }
        Again::Answer {
            who, recorded, now, ..
        } => (recorded != now).then(|| {
            let (recorded, now) = (Form::list(recorded), Form::list(now));
            format!("answer to {}: recorded {recorded}, now {now}", who.request_id)
        }),
    }
}
