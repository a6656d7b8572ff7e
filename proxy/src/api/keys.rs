//! Keys of applications.

use super::desk::{Desk, Edit};
use super::entries::find;
use super::problem::Problem;
use super::session::{Session, Touched, roles};
use crate::registry::{DAYS_MAX, IssueError, NewKey, Sealing, key_of};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use palisade_policies::Administration;
use palisade_registry::{Contents, KeyEntry, Kind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

/// Longest overlap, in hours.
const OVERLAP_HOURS_MAX: u32 = 24 * DAYS_MAX;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    tenant: String,
    application: String,
    /// Without it, until it is revoked.
    days: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default = "a_day")]
    overlap_hours: u32,
    days: Option<u32>,
}

fn a_day() -> u32 {
    24
}

pub(super) async fn issue(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Arc<Session>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let Issue {
        tenant,
        application,
        days,
    } = read(&body)?;
    let new = NewKey::make(sealing(&desk)?, &tenant, &application, in_range(days)?)?;
    let edit = |contents: &Contents| {
        Ok(Edit {
            steps: vec![new.step()?],
            touched: vec![issuing(contents, &new.entry)],
            told: (),
        })
    };
    let is_there = |contents: &Contents| {
        let id = format!("{tenant}/{application}");
        let found = find(contents, Kind::Application, &id);
        found
            .map(|_| ())
            .ok_or_else(|| Problem::new(404, format!("no application is called {id}")))
    };
    let (revision, ()) = desk.change(&session, edit, is_there).await?;
    Ok(shown(&new, revision))
}

pub(super) async fn rotate(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Arc<Session>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let Rotate { overlap_hours, days } = read(if body.is_empty() { b"{}" } else { &body })?;
    if overlap_hours > OVERLAP_HOURS_MAX {
        return Err(Problem::new(
            400,
            format!("`overlap_hours` is at most {OVERLAP_HOURS_MAX}"),
        ));
    }
    let contents = desk.contents().await?;
    // Of which application it is, is known only if there is such a key.
    let of = key_of(&contents.entries, &id).unwrap_or_default();
    let new = NewKey::make(sealing(&desk)?, &of.tenant, &of.application, in_range(days)?)?;
    let edit = |contents: &Contents| {
        let old = key_of(&contents.entries, &id).unwrap_or_default();
        let ending = Touched {
            action: Administration::PutEntry,
            kind: Kind::Key,
            id: id.clone(),
            owner: Some(old.tenant.clone()).filter(|tenant| !tenant.is_empty()),
            roles: Vec::new(),
        };
        Ok(Edit {
            steps: new.in_place_of(&old, overlap_hours)?,
            touched: vec![issuing(contents, &new.entry), ending],
            told: (),
        })
    };
    let is_there = |contents: &Contents| {
        let old = key_of(&contents.entries, &id)?;
        match (&old.tenant, &old.application) == (&of.tenant, &of.application) {
            true => Ok(()),
            false => Err(Problem::new(
                409,
                "the key has become another application's; try again",
            )),
        }
    };
    let (revision, ()) = desk.change(&session, edit, is_there).await?;
    Ok(shown(&new, revision))
}

/// Whose the new key is.
fn issuing(contents: &Contents, key: &KeyEntry) -> Touched {
    let id = format!("{}/{}", key.tenant, key.application);
    Touched {
        action: Administration::IssueKey,
        kind: Kind::Application,
        owner: Some(key.tenant.clone()).filter(|tenant| !tenant.is_empty()),
        roles: find(contents, Kind::Application, &id)
            .map(roles)
            .unwrap_or_default(),
        id,
    }
}

/// The only time that the secret is shown.
fn shown(new: &NewKey, revision: u64) -> Response {
    let NewKey { entry, secret } = new;
    let told = json!({
        "revision": revision,
        "access_key_id": entry.id,
        "secret_access_key": secret,
        "tenant": entry.tenant,
        "application": entry.application,
        "issued": entry.issued,
        "expires": entry.expires,
    });
    (StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(told)).into_response()
}

fn in_range(days: Option<u32>) -> Result<Option<u32>, Problem> {
    match days.is_none_or(|days| (1..=DAYS_MAX).contains(&days)) {
        true => Ok(days),
        false => Err(Problem::new(
            400,
            format!("`days` is a number from 1 to {DAYS_MAX}"),
        )),
    }
}

fn sealing(desk: &Desk) -> Result<&Sealing, Problem> {
    let none = "the gateway has no `registry.sealing`, which secrets of keys are sealed under: its operator can add it";
    desk.sealing().ok_or_else(|| Problem::new(422, none))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::new(400, format!("the body is not what this takes: {error}")))
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Store(error) => error.into(),
            IssueError::Unknown(_) => Self::new(404, error.to_string()),
            IssueError::Random(_) | IssueError::Sealing | IssueError::Entry => {
                Self::new(500, "an internal error occurred")
            }
        }
    }
}
