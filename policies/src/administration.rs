//! Questions about entries of the registry. A schema may leave their actions out; then nothing of it is permitted.

use crate::base::Base;
use crate::entities::{self, BuildError};
use crate::entry::EntryFacts;
use crate::facts::Principal;
use crate::names::Names;
use cedar_policy::{Context, Entities, EntityUid, Request, RequestValidationError, Schema};

/// What is done with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Administration {
    /// It is looked at.
    ReadEntry,
    /// It is made, or made another.
    PutEntry,
    /// It is taken away; a key is revoked.
    RemoveEntry,
    /// A key is made for an application, which is the entry.
    IssueKey,
}

/// A question about an entry.
#[derive(Clone, Copy, Debug)]
pub struct Administering<'a> {
    /// What is to be done.
    pub action: Administration,
    /// With which entry.
    pub entry: EntryFacts<'a>,
    /// Roles that it would give to somebody who does not have them, or those of the application that a key is for.
    pub roles: &'a [String],
    /// The circumstances.
    pub base: &'a Base,
}

/// Why a question could not be put.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unaskable {
    #[error(transparent)]
    Entities(#[from] BuildError),
    #[error("the request does not fit the schema")]
    Request(#[from] Box<RequestValidationError>),
}

impl Administration {
    /// Every one, in the order of the schema.
    pub const ALL: &[Self] = &[Self::ReadEntry, Self::PutEntry, Self::RemoveEntry, Self::IssueKey];

    /// The action's id in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadEntry => "ReadEntry",
            Self::PutEntry => "PutEntry",
            Self::RemoveEntry => "RemoveEntry",
            Self::IssueKey => "IssueKey",
        }
    }
}

/// Whether a schema declares all that is asked here; it may leave it out, all of it.
pub(crate) fn is_declared(names: &Names, schema: &Schema) -> bool {
    let group: EntityUid = names.action.uid("Administer");
    schema.action_groups().any(|declared| *declared == group)
}

impl Administering<'_> {
    /// The question in Cedar, checked against the schema, and what there is to know of those whom it is about.
    pub(crate) fn put(
        &self,
        names: &Names,
        schema: &Schema,
        foundation: &Entities,
        principal: &Principal,
        context: Context,
    ) -> Result<(Request, Entities), Unaskable> {
        let entities = entities::administration(names, schema, foundation, principal, &self.entry)?;
        let request = Request::new(
            entities::principal_uid(names, principal),
            names.action.uid(self.action.as_str()),
            entities::entry_uid(names, &self.entry),
            context,
            Some(schema),
        );
        Ok((request.map_err(Box::new)?, entities))
    }
}
