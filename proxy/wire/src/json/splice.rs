//! Replaces literals of a document and nothing else.

use std::{borrow::Cow, fmt, ops::Range};

use super::escape::{push_escaped, push_string};

/// What an edit replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A whole literal, quotes included; a number counts too and becomes a string.
    Literal,
    /// A part of a string literal, as [`Document::within`] gives it: the rest of the literal keeps its spelling.
    ///
    /// [`Document::within`]: super::Document::within
    Part,
    /// Anything; the text is JSON itself.
    Json,
}

/// One literal, or a part of one, to replace.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit<'a> {
    /// What stands in the document now.
    pub span: Range<usize>,
    /// What `span` covers.
    pub extent: Extent,
    /// The text to put there, not yet escaped but for [`Extent::Json`].
    pub text: Cow<'a, str>,
}

impl<'a> Edit<'a> {
    /// `text` in the place of the whole literal at `span`.
    #[must_use]
    pub fn literal(span: Range<usize>, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            span,
            extent: Extent::Literal,
            text: text.into(),
        }
    }
}

/// The text stays out of logs.
impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

/// The edits overlap, are out of order, or lie outside the document. Nothing was written: an edit
/// left out could release what it was to withhold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("edit {index} overlaps, is out of order or outside the document")]
pub struct SpliceError {
    /// Which edit, counted from 0.
    pub index: usize,
}

/// The document with each edit's span replaced by its text, escaped as JSON demands (RFC 8259 §7),
/// every other byte as it was. `edits` must ascend and not overlap.
///
/// # Errors
/// [`SpliceError`] for the first edit that breaks this order or leaves `document`.
pub fn splice(document: &[u8], edits: &[Edit<'_>]) -> Result<Vec<u8>, SpliceError> {
    let grown: usize = edits.iter().map(|edit| edit.text.len() + 2).sum();
    let mut out = Vec::with_capacity(document.len() + grown);
    let mut copied = 0;
    for (index, edit) in edits.iter().enumerate() {
        let kept = document.get(copied..edit.span.start);
        let (Some(kept), Some(_)) = (kept, document.get(edit.span.clone())) else {
            return Err(SpliceError { index });
        };
        out.extend_from_slice(kept);
        match edit.extent {
            Extent::Literal => push_string(&mut out, &edit.text),
            Extent::Part => push_escaped(&mut out, &edit.text),
            Extent::Json => out.extend_from_slice(edit.text.as_bytes()),
        }
        copied = edit.span.end;
    }
    out.extend_from_slice(document.get(copied..).unwrap_or_default());
    Ok(out)
}
