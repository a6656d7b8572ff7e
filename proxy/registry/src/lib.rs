//! Who may call and what is there to be called, as entries, and the stores that keep them.
//!
//! An [`Entry`] is a table of the registry file. A [`File`] is all of them, typed; a [`Store`] keeps them under a revision that grows with each
//! change; a [`Plan`] says what would change, before it does. What entries mean is the gateway's to say.

mod error;
mod entry;
mod tables;
mod plan;
mod store;
mod file;
mod embedded;
mod catalogue;
mod import;

pub use catalogue::{Catalogue, CatalogueModel, Price, catalogue};
pub use embedded::Embedded;
pub use entry::{Entry, Kind};
pub use error::StoreError;
pub use file::{File, Visit};
pub use import::{As, ImportError, Imported, import, import_catalogue};
pub use plan::{Plan, Step, carried_out, listed_twice, plan, plan_file};
pub use store::{Contents, Store};
pub use tables::{
    AliasEntry, ApplicationEntry, EndpointEntry, GrantEntry, GroupEntry, GuardrailEntry, KeyEntry,
    KnowledgeBaseEntry, LimitsEntry, LineageEntry, ModelEntry, OutputEntry, TenantEntry, UserEntry,
    endpoint_id,
};
