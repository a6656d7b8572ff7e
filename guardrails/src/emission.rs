//! Hands out text in order, as it was spelt.

use crate::detector::Detector;
use crate::engine::Engine;
use crate::finding::{Confidence, Match, Piece};
use crate::normal::Changes;
use std::borrow::Cow;

/// Where the pieces of one text go.
pub(crate) struct Emission<'a> {
    pub(crate) engine: &'a Engine,
    /// The view of the text.
    pub(crate) text: &'a str,
    /// Where the view differs from what has not been released.
    pub(crate) changes: &'a mut Changes,
    pub(crate) sink: &'a mut dyn FnMut(Piece<'_>),
}

impl Emission<'_> {
    /// Hands out the text from `released` to `end` as clear, but for what a difference between view and text is found to be.
    pub(crate) fn clear(&mut self, released: &mut usize, end: usize) {
        while let Some(change) = self
            .changes
            .pop_front_if(|change| change.at <= end && change.at + change.len <= end)
        {
            self.clear_plain(released, change.at);
            *released += change.len;
            let detector = change.found.and_then(|category| self.engine.hidden(category));
            (self.sink)(match detector {
                None => Piece::Clear(&change.original),
                Some(detector) => Piece::Match(Match {
                    category: detector.category,
                    confidence: detector.alone,
                    text: &change.original,
                    continues: false,
                }),
            });
        }
        // What stands for several characters goes as a whole.
        let within = self.changes.front().map_or(end, |change| change.at.min(end));
        self.clear_plain(released, within);
    }

    /// Hands out text in which view and text do not differ as clear.
    fn clear_plain(&mut self, released: &mut usize, end: usize) {
        let text = self.text.get(*released..end).unwrap_or_default();
        if !text.is_empty() {
            *released = end;
            (self.sink)(Piece::Clear(text));
        }
    }

    /// Hands out the text from `released` to `end` as a match of `detector`, or with `continues` as a further part of one.
    pub(crate) fn matched(
        &mut self,
        released: &mut usize,
        end: usize,
        detector: &Detector,
        confidence: Confidence,
        continues: bool,
    ) {
        let view = self.text.get(*released..end).unwrap_or_default();
        if view.is_empty() {
            return;
        }
        let respelt = self.changes.front().is_some_and(|change| change.at < end);
        let text = if respelt {
            let (spelling, spelt) = self.spelling(*released, end);
            *released = spelt;
            Cow::Owned(spelling)
        } else {
            *released = end;
            Cow::Borrowed(view)
        };
        (self.sink)(Piece::Match(Match {
            category: detector.category,
            confidence,
            text: &text,
            continues,
        }));
    }

    /// The text between two places of the view as it was spelt, and the end of what that stands for: one change may reach further.
    fn spelling(&mut self, mut from: usize, end: usize) -> (String, usize) {
        let mut spelling = String::new();
        while let Some(change) = self.changes.pop_front_if(|change| change.at < end) {
            spelling.push_str(self.text.get(from..change.at).unwrap_or_default());
            spelling.push_str(&change.original);
            from = change.at + change.len;
        }
        spelling.push_str(self.text.get(from..end).unwrap_or_default());
        (spelling, from.max(end))
    }
}
