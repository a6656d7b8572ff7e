//! Entries one by one.

use super::desk::{Desk, Edit};
use super::problem::Problem;
use super::session::{Session, Touched, Wanted};
use crate::trail::sha256_hex;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use palisade_policies::Administration;
use palisade_registry::{Contents, Entry, File, Kind, Step};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Most entries of one page, and how many if nobody says.
const PAGE_MAX: usize = 1_000;
const PAGE: usize = 100;

/// Most entries that are looked at for a page: one whose entries are mostly others' is shorter than asked for.
const LOOKS_MAX: usize = 5_000;

/// Which entries are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    kind: Option<String>,
    limit: Option<usize>,
    /// Where the page before ended: `kind/id`.
    after: Option<String>,
}

type Known = Extension<Arc<Session>>;

pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    Extension(session): Known,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(page) = page.map_err(|error| Problem::new(400, error.body_text()))?;
    let only = page.kind.as_deref().map(kind).transpose()?;
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::new(
            400,
            format!("`limit` is a number from 1 to {PAGE_MAX}"),
        ));
    }
    let after = page.after.as_deref().map(|after| {
        let (kind_name, id) = after.split_once('/').unwrap_or((after, ""));
        Ok::<_, Problem>((kind(kind_name)?, id.to_owned()))
    });
    let after = after.transpose()?;
    let contents = desk.contents().await?;
    let revision = contents.revision;
    let wanted = Wanted {
        kind: only,
        after,
        without_keys: false,
        limit,
        looks_max: LOOKS_MAX,
    };
    let seen = session.visible(contents, wanted).await?;
    let entries: Vec<Value> = seen.entries.iter().map(told).collect();
    Ok(Json(json!({ "revision": revision, "entries": entries, "next": seen.next })).into_response())
}

pub(super) async fn read(
    State(desk): State<Arc<Desk>>,
    Extension(session): Known,
    Path((kind_name, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let kind = kind(&kind_name)?;
    let contents = desk.contents().await?;
    let found = find(&contents, kind, &id);
    session
        .permit(vec![touching(Administration::ReadEntry, kind, &id, found)])
        .await?;
    let entry = found.ok_or_else(|| none(kind, &id))?;
    Ok(([(ETAG, tag(entry))], Json(told(entry))).into_response())
}

pub(super) async fn put(
    State(desk): State<Arc<Desk>>,
    Extension(session): Known,
    Path((kind_name, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let kind = kind(&kind_name)?;
    if kind == Kind::Key {
        return Err(Problem::new(400, "keys are issued: POST /v1/keys"));
    }
    let entry = wanted(kind, &id, &body)?;
    let (revision, is_new) = desk
        .change(
            &session,
            |contents| {
                let old = find(contents, kind, &id);
                let mut touched = vec![Touched::put(&entry, old)];
                // Whose it was is asked as well as whose it becomes.
                touched.extend(old.map(|old| Touched {
                    roles: Vec::new(),
                    ..Touched::put(old, Some(old))
                }));
                touched.dedup();
                Ok(Edit {
                    steps: old
                        .is_none_or(|old| *old != entry)
                        .then(|| Step::Put(entry.clone()))
                        .into_iter()
                        .collect(),
                    touched,
                    told: old.is_none(),
                })
            },
            |contents| holds(&headers, find(contents, kind, &id)),
        )
        .await?;
    let status = if is_new { 201_u16 } else { 200 };
    let status = http::StatusCode::from_u16(status).unwrap_or_default();
    let told = json!({ "revision": revision, "entry": told(&entry) });
    Ok((status, [(ETAG, tag(&entry))], Json(told)).into_response())
}

pub(super) async fn remove(
    State(desk): State<Arc<Desk>>,
    Extension(session): Known,
    Path((kind_name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = kind(&kind_name)?;
    let (revision, ()) = desk
        .change(
            &session,
            |contents| {
                let old = find(contents, kind, &id);
                Ok(Edit {
                    steps: vec![Step::Remove(kind, id.clone())],
                    touched: vec![touching(Administration::RemoveEntry, kind, &id, old)],
                    told: (),
                })
            },
            |contents| {
                let old = find(contents, kind, &id);
                old.ok_or_else(|| none(kind, &id))?;
                holds(&headers, old)
            },
        )
        .await?;
    Ok(Json(json!({ "revision": revision })).into_response())
}

/// The entry that a body is, under the name that its path says.
fn wanted(kind: Kind, id: &str, body: &[u8]) -> Result<Entry, Problem> {
    let value: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| Problem::new(400, format!("the body is no JSON object: {error}")))?;
    let entry = Entry {
        kind,
        id: id.to_owned(),
        value,
    };
    let entries = File::of(vec![entry]).and_then(|file| file.entries());
    let entry = entries?.pop().ok_or_else(|| none(kind, id))?;
    match entry.id == id {
        true => Ok(entry),
        false => Err(Problem::new(
            400,
            format!("the body is {} {}, and the path says {id}", kind.name(), entry.id),
        )),
    }
}

/// What is done with an entry that may not be there: whose it would be follows from its id, where that says so.
fn touching(action: Administration, kind: Kind, id: &str, found: Option<&Entry>) -> Touched {
    match found {
        Some(entry) => Touched::by(action, entry),
        None => Touched {
            action,
            kind,
            id: id.to_owned(),
            owner: match kind {
                Kind::Tenant => Some(id.to_owned()),
                Kind::Application | Kind::Alias | Kind::Grant => {
                    id.split_once('/').map(|(tenant, _)| tenant.to_owned())
                }
                Kind::Key
                | Kind::Model
                | Kind::Group
                | Kind::Endpoint
                | Kind::Guardrail
                | Kind::KnowledgeBase
                | Kind::Output => None,
            },
            roles: Vec::new(),
        },
    }
}

/// Whether what the client knows of an entry is still so (RFC 9110 section 13.1.1 and 13.1.2).
fn holds(headers: &HeaderMap, entry: Option<&Entry>) -> Result<(), Problem> {
    let listed = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default().to_owned())
    };
    let current = entry.map(tag);
    let names_it = |list: &String| {
        let tags = list.split(',').map(|tag| tag.trim());
        current.is_some()
            && (list.trim() == "*" || tags.into_iter().any(|tag| Some(tag) == current.as_deref()))
    };
    let is_wanted = listed(IF_MATCH).is_none_or(|list| names_it(&list));
    let is_unwanted = listed(IF_NONE_MATCH).is_some_and(|list| names_it(&list));
    match is_wanted && !is_unwanted {
        true => Ok(()),
        false => Err(Problem::new(
            412,
            "it is not as you know it: read it again, and then decide",
        )),
    }
}

/// The tag of an entry as it is.
pub(super) fn tag(entry: &Entry) -> String {
    let json = serde_json::to_vec(&entry.value).unwrap_or_default();
    let digest = sha256_hex(&json);
    format!("\"{}\"", digest.get(..32).unwrap_or_default())
}

/// An entry as it is told: of a key, where its secret is, and not the secret.
pub(super) fn told(entry: &Entry) -> Value {
    let mut value = entry.value.clone();
    for secret in ["sealed", "secret_file", "secret_env"] {
        value.remove(secret);
    }
    json!({ "kind": entry.kind.name(), "id": entry.id, "etag": tag(entry), "value": value })
}

pub(super) fn find<'c>(contents: &'c Contents, kind: Kind, id: &str) -> Option<&'c Entry> {
    let found = contents
        .entries
        .binary_search_by(|entry| entry.name().cmp(&(kind, id)));
    found.ok().and_then(|at| contents.entries.get(at))
}

fn kind(name: &str) -> Result<Kind, Problem> {
    let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    Kind::named(name).ok_or_else(|| Problem::new(400, format!("a kind is one of {}", names.join(", "))))
}

fn none(kind: Kind, id: &str) -> Problem {
    Problem::new(404, format!("no {} is called {id}", kind.name()))
}
