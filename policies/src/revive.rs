//! A snapshot in the form in which it is kept, and back: whoever has that can make each of its decisions again.

use crate::archived::{Archived, Unreadable};
use crate::bundle::Bundle;
use crate::snapshot::Snapshot;
use crate::source::BundleFile;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// All that a snapshot is made of. Fields are in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ingredients<'a> {
    /// Path and text of each file, sorted by path.
    #[serde(borrow)]
    files: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Child and parent of each pair of the forest of categories, sorted.
    #[serde(borrow)]
    forest: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl Snapshot {
    /// The bundle's files and the forest of categories, under the snapshot's digest.
    ///
    /// # Errors
    /// None that can happen: texts and lists of texts are JSON.
    pub fn archived(&self) -> Result<Archived, Unreadable> {
        let json = serde_json::to_string(&Ingredients {
            files: borrowed(&self.bundle.files),
            forest: borrowed(self.forest()),
        })?;
        Ok(Archived {
            digest: self.digest().to_owned(),
            json,
        })
    }

    /// The snapshot that was kept as this JSON under this digest.
    ///
    /// # Errors
    /// When it is not what the digest says, or this version cannot use it.
    pub fn from_archived(digest: &str, json: &str) -> Result<Self, Unreadable> {
        let kept: Ingredients<'_> = serde_json::from_str(json)?;
        let sources: Vec<_> = kept
            .files
            .iter()
            .map(|(path, text)| BundleFile { path, text })
            .collect();
        let forest: Vec<_> = kept
            .forest
            .iter()
            .map(|(child, parent)| (child.as_ref(), parent.as_ref()))
            .collect();
        let bundle = Bundle::load(&sources).map_err(Unreadable::Policies)?;
        let snapshot = Self::new(Arc::new(bundle), &forest).map_err(Unreadable::Policies)?;
        match snapshot.digest() == digest {
            true => Ok(snapshot),
            false => Err(Unreadable::Digest(snapshot.digest().to_owned())),
        }
    }
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    pairs
        .iter()
        .map(|(a, b)| (Cow::Borrowed(a.as_str()), Cow::Borrowed(b.as_str())))
        .collect()
}
