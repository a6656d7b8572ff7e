//! The whole registry as a file.

use super::desk::{Desk, Edit};
use super::entries::find;
use super::problem::Problem;
use super::session::{Session, Touched, Wanted};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use palisade_policies::Administration;
use palisade_registry::{Contents, Entry, File, Step, listed_twice, plan_file};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How a file is applied.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    #[serde(default)]
    prune: bool,
    #[serde(default)]
    dry_run: bool,
}

/// All that the caller may look at, as a file; of keys nothing that leads to their secrets.
pub(super) async fn export(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Arc<Session>>,
) -> Result<Response, Problem> {
    let contents = desk.contents().await?;
    let all = Wanted {
        kind: None,
        after: None,
        without_keys: true,
        limit: usize::MAX,
        looks_max: usize::MAX,
    };
    let seen = session.visible(contents, all).await?;
    let text = File::of(seen.entries)?.to_toml()?;
    Ok(([(CONTENT_TYPE, "application/toml")], text).into_response())
}

/// Makes the registry as a file says.
pub(super) async fn apply(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Arc<Session>>,
    how: Result<Query<How>, QueryRejection>,
    body: Bytes,
) -> Result<Response, Problem> {
    let Query(How { prune, dry_run }) = how.map_err(|error| Problem::new(400, error.body_text()))?;
    let wanted = wanted(&body)?;
    let edit = |contents: &Contents| {
        let steps = plan_file(&contents.entries, wanted.clone(), prune).steps;
        let touched = steps
            .iter()
            .flat_map(|step| touched(contents, step))
            .collect::<Vec<_>>();
        let told: Vec<Value> = steps.iter().map(|step| told(contents, step)).collect();
        Ok(Edit { steps, touched, told })
    };
    if dry_run {
        let contents = desk.contents().await?;
        let Edit { steps, touched, told } = edit(&contents)?;
        session.permit(touched).await?;
        let revision = contents.revision;
        desk.checked(contents, steps).await?;
        return Ok(Json(json!({ "revision": revision, "changes": told })).into_response());
    }
    let (revision, told) = desk.change(&session, edit, |_| Ok(())).await?;
    Ok(Json(json!({ "revision": revision, "changes": told })).into_response())
}

fn wanted(body: &[u8]) -> Result<Vec<Entry>, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::new(400, "the body is no text"))?;
    let file: File = toml::from_str(text)
        .map_err(|error| Problem::new(400, format!("the body is no registry file: {error}")))?;
    if !file.keys.is_empty() {
        return Err(Problem::new(
            400,
            "keys are issued: POST /v1/keys. Those whose secrets are files of the gateway are its operator's to list",
        ));
    }
    let entries = file.entries()?;
    match listed_twice(&entries) {
        Some(Entry { kind, id, .. }) => {
            Err(Problem::new(400, format!("{} {id} is listed twice", kind.name())))
        }
        None => Ok(entries),
    }
}

fn touched(contents: &Contents, step: &Step) -> Vec<Touched> {
    match step {
        Step::Put(entry) => {
            let old = find(contents, entry.kind, &entry.id);
            let had = old.map(|old| Touched::put(old, Some(old)));
            [Touched::put(entry, old)].into_iter().chain(had).collect()
        }
        Step::Remove(kind, id) => {
            let old = find(contents, *kind, id);
            old.map(|old| Touched::by(Administration::RemoveEntry, old))
                .into_iter()
                .collect()
        }
    }
}

fn told(contents: &Contents, step: &Step) -> Value {
    let (kind, id, change) = match step {
        Step::Put(entry) => {
            let is_new = find(contents, entry.kind, &entry.id).is_none();
            (entry.kind, &entry.id, if is_new { "added" } else { "changed" })
        }
        Step::Remove(kind, id) => (*kind, id, "removed"),
    };
    json!({ "kind": kind.name(), "id": id, "change": change })
}
