//! Running texts: each has a lane with its own scanner, which holds back only what may still become part of a match.

mod alone;
mod passage;

use super::Observed;
use crate::screen::Found;
use crate::seal::Altered;
use crate::treat::Withheld;
use alone::Alone;
use palisade_guardrails::{self as guardrails, Engine, Piece, Restorer};
use palisade_policies::Treatment;
use palisade_wire::text::{Channel, ChannelKind, Closes, is_word};
use passage::{Json, Passage};
use std::borrow::Cow;

/// Stands for an annotation in a text.
pub(super) const MARK: &str = "\u{1}";

/// Running texts at one time; models open a handful.
const LANES_MAX: usize = 256;

/// The running texts that are open.
pub(super) struct Lanes<'a> {
    engine: &'a Engine,
    open: Vec<Lane>,
    /// The last text that ended and that a signature may follow, if it was altered.
    altered: Option<(Channel, Altered)>,
}

/// Why a piece of a text cannot be taken.
pub(super) enum Unfit {
    /// Policy lets no part of a match leave.
    Withheld,
    /// More texts at one time than any model writes.
    TooMany,
}

impl From<Withheld> for Unfit {
    fn from(_: Withheld) -> Self {
        Self::Withheld
    }
}

impl<'a> Lanes<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            open: Vec::new(),
            altered: None,
        }
    }

    /// What was taken out of the text that ended last, if it is one of those that `closes` covers.
    pub(super) fn take_altered(&mut self, closes: Closes) -> Option<Altered> {
        let (_, altered) = self.altered.take_if(|(channel, _)| closes.covers(*channel))?;
        Some(altered)
    }

    /// Whether something of a running text is held.
    pub(super) fn holds(&self, channel: Channel) -> bool {
        let lane = self.open.iter().find(|lane| lane.channel == channel);
        lane.is_some_and(Lane::holds)
    }

    /// Pushes a piece of a running text; returns what may leave.
    pub(super) fn advance(
        &mut self,
        channel: Channel,
        text: &str,
        observed: &mut Observed<'_>,
    ) -> Result<String, Unfit> {
        let engine = self.engine;
        let lane = self.lane(channel, observed)?;
        lane.is_setting = lane.is_setting && lane.alone.is_empty() && is_word(text.as_bytes());
        if lane.is_setting {
            lane.lend(engine, observed, text)?;
            return Ok(text.to_owned());
        }
        Ok(lane.scan(engine, observed, Some(text))?)
    }

    /// Tells of the next piece of a text in a member that nobody has heard of: what it stands under, and what is found in it
    /// as it stands.
    pub(super) fn tell(
        &mut self,
        channel: Channel,
        key: &str,
        found: &[Found],
        observed: &mut Observed<'_>,
    ) -> Result<(), Unfit> {
        let begins = self.open.iter().all(|lane| lane.channel != channel);
        let engine = self.engine;
        let lane = self.lane(channel, observed)?;
        if begins {
            lane.is_setting = true;
            lane.lend(engine, observed, &format!("{key}: "))?;
        }
        lane.alone.note(found);
        Ok(())
    }

    fn lane(&mut self, channel: Channel, observed: &Observed<'_>) -> Result<&mut Lane, Unfit> {
        let index = match self.open.iter().position(|lane| lane.channel == channel) {
            Some(index) => index,
            None if self.open.len() < LANES_MAX => {
                let restorer = observed.treatments.restorer(channel);
                self.open.push(Lane::new(channel, restorer));
                self.open.len() - 1
            }
            None => return Err(Unfit::TooMany),
        };
        self.open.get_mut(index).ok_or(Unfit::TooMany)
    }

    /// Ends a running text; returns what was still held.
    pub(super) fn close(
        &mut self,
        channel: Channel,
        observed: &mut Observed<'_>,
    ) -> Result<String, Withheld> {
        let Some(index) = self.open.iter().position(|lane| lane.channel == channel) else {
            return Ok(String::new());
        };
        let mut lane = self.open.swap_remove(index);
        let rest = lane.scan(self.engine, observed, None)?;
        self.altered = lane.into_altered().or(self.altered.take());
        Ok(rest)
    }

    /// Ends all that `closes` covers, in the order in which they began; gives each of which something was still held to
    /// `leave`.
    pub(super) fn close_all<E: From<Withheld>>(
        &mut self,
        closes: Closes,
        observed: &mut Observed<'_>,
        mut leave: impl FnMut(Channel, String) -> Result<(), E>,
    ) -> Result<(), E> {
        let engine = self.engine;
        let ended = self.open.extract_if(.., |lane| closes.covers(lane.channel));
        for mut lane in ended {
            let rest = lane.scan(engine, observed, None)?;
            if !rest.is_empty() {
                leave(lane.channel, rest)?;
            }
            self.altered = lane.into_altered().or(self.altered.take());
        }
        Ok(())
    }
}

/// One running text.
struct Lane {
    channel: Channel,
    scanner: guardrails::TextStream,
    /// Tool arguments are JSON text: scanned as what it stands for, passed on as it was spelt.
    json: Option<Json>,
    /// How the match that is being passed on is treated; a long match comes in several pieces.
    open: Treatment,
    /// Puts values back in the place of their tokens, if they may be put back here.
    restorer: Option<Restorer>,
    /// What is taken out, where a signature may follow.
    altered: Option<Altered>,
    /// What was found in its pieces as they stand, in a member that nobody has heard of.
    alone: Alone,
    /// All pieces so far have the form of a word of a setting, in such a member.
    is_setting: bool,
    /// What is scanned, and has left ahead of it or never leaves.
    lent: String,
}

impl Lane {
    fn new(channel: Channel, restorer: Option<Restorer>) -> Self {
        Self {
            channel,
            scanner: guardrails::TextStream::default(),
            json: (channel.kind == ChannelKind::ToolInput).then(Json::default),
            open: Treatment::Block,
            restorer,
            altered: channel.may_be_signed().then(Altered::default),
            alone: Alone::default(),
            is_setting: false,
            lent: String::new(),
        }
    }

    fn holds(&self) -> bool {
        self.scanner.held() > 0 || self.restorer.as_ref().is_some_and(|restorer| restorer.held() > 0)
    }

    fn into_altered(self) -> Option<(Channel, Altered)> {
        let altered = self.altered.filter(Altered::is_altered)?;
        Some((self.channel, altered))
    }

    /// Scans a piece that leaves ahead of it, or not at all. If it turns out to be part of a match, the text ends there.
    fn lend(&mut self, engine: &Engine, observed: &mut Observed<'_>, text: &str) -> Result<(), Withheld> {
        self.lent.push_str(text);
        self.scan(engine, observed, Some(text)).map(|_| ())
    }

    /// What leaves, without what was lent.
    fn repaid(&mut self, mut out: String) -> Result<String, Withheld> {
        let repaid = out.len().min(self.lent.len());
        if out.as_bytes().get(..repaid) != self.lent.as_bytes().get(..repaid) {
            return Err(Withheld);
        }
        self.lent.drain(..repaid);
        out.drain(..repaid);
        Ok(out)
    }

    /// Scans a piece, or the end (`None`), and returns the text that may leave.
    fn scan(
        &mut self,
        engine: &Engine,
        observed: &mut Observed<'_>,
        text: Option<&str>,
    ) -> Result<String, Withheld> {
        let read = match (&mut self.json, text) {
            (None, text) => Cow::Borrowed(text.unwrap_or_default()),
            (Some(json), Some(text)) => Cow::Owned(json.fragments.push(text)),
            (Some(json), None) => Cow::Owned(json.fragments.finish()),
        };
        let mut passage = Passage {
            out: String::with_capacity(text.map_or(0, str::len)),
            outcome: Ok(()),
            channel: self.channel,
            open: &mut self.open,
            json: self.json.as_mut(),
            restorer: self.restorer.as_mut(),
            altered: self.altered.as_mut(),
            alone: &mut self.alone,
        };
        passage.alone.given(read.len());
        let mut sink = |piece: Piece<'_>| passage.pass(&piece, observed);
        self.scanner.push(engine, &read, &mut sink);
        if text.is_none() {
            self.scanner.finish(engine, &mut sink);
            passage.emit(None, observed);
        }
        passage.outcome?;
        let out = passage.out;
        match self.lent.is_empty() {
            true => Ok(out),
            false => self.repaid(out),
        }
    }
}
