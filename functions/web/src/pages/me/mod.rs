//! The user's own page.

mod actions;
mod held;

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use http::Uri;
use sync_core::kind::Kind;
use url::form_urlencoded;

use super::form::User;
use super::settings::{SettingsShown, Wrong, listed};
use super::shown::{Addresses, EntryShown, ProblemShown, RunShown, Standing};
use super::{Refused, page as made, query};
use crate::app::App;
use crate::messages;
use crate::session::{Shared, form_token};
use crate::speech::Words;

pub(super) use actions::{confirm, disconnect, pause, preview, restore, resume, settings, sign_out, sync};
use held::HeldShown;

/// Runs on the page.
const RUNS_SHOWN: usize = 15;
/// Entries of the journal on the page.
const ENTRIES_SHOWN: usize = 20;
/// Problems on the page.
const PROBLEMS_SHOWN: usize = 25;

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    words: Words,
    label: String,
    crm_address: String,
    name: String,
    standing: Standing,
    status_address: String,
    form_token: String,
    done: Option<&'static str>,
    held: Option<HeldShown>,
    problems: Vec<ProblemShown>,
    more_problems: usize,
    settings: SettingsShown,
    runs: Vec<RunShown>,
    entries: Vec<EntryShown>,
    older_entries: Option<String>,
}

#[derive(Template)]
#[template(path = "me_status.html")]
struct StatusPart {
    words: Words,
    standing: Standing,
}

/// `GET /`: there is nothing here but the two doors.
pub(super) async fn home() -> Redirect {
    Redirect::to("/me")
}

/// `GET /me`.
pub(super) async fn page(State(app): Shared, user: User, uri: Uri) -> Result<Response, Refused> {
    full(&app, &user, &uri, None).await
}

/// `GET /me/status`: the part of the page that changes by itself.
pub(super) async fn status(State(app): Shared, user: User, uri: Uri) -> Response {
    let words = user.visit.words;
    made(&StatusPart {
        standing: Standing::of(&words, &user.link, query(&uri, "run").as_deref(), app.now()),
        words,
    })
}

async fn full(app: &App, user: &User, uri: &Uri, wrong: Option<&Wrong>) -> Result<Response, Refused> {
    let (link, words) = (&user.link, &user.visit.words);
    let registration = app.memory.crm(&link.id.crm).await?.map(|found| found.value);
    let addresses = Addresses::new(registration.as_ref(), link);
    let mut parked = Vec::new();
    if link.progress.parked.count > 0 {
        for kind in Kind::ALL {
            parked.extend(app.memory.parked(&link.id, kind).await?);
        }
    }
    let cursor = query(uri, "older");
    let (runs, journal, choices, held) = futures::join!(
        crate::api::history(app, link, None, RUNS_SHOWN),
        app.memory.journal(&link.id, cursor.as_deref(), ENTRIES_SHOWN),
        listed(app, link),
        HeldShown::of(app, link, &addresses),
    );
    let journal = journal?;
    let status_address = match query(uri, "run") {
        Some(run) => format!("/me/status?run={}", encoded(&run)),
        None => "/me/status".to_owned(),
    };
    let body = &link.body.value;
    let name = body.name.clone().or_else(|| body.email.clone());
    let more_problems = parked.len().saturating_sub(PROBLEMS_SHOWN);
    let problems = parked.iter().take(PROBLEMS_SHOWN);
    Ok(made(&MePage {
        crm_address: registration
            .as_ref()
            .map(|found| found.base_url.clone())
            .unwrap_or_default(),
        label: registration.map(|found| found.label).unwrap_or_default(),
        name: name.unwrap_or_else(|| link.id.user.clone()),
        standing: Standing::of(words, link, query(uri, "run").as_deref(), app.now()),
        status_address,
        form_token: form_token(&user.visit, &user.session.id),
        done: query(uri, "done").as_deref().and_then(messages::done),
        held,
        problems: problems
            .map(|parked| ProblemShown::of(words, &addresses, parked))
            .collect(),
        more_problems,
        settings: SettingsShown::of_user(&body.settings, choices, wrong),
        runs: runs?.items.iter().map(|run| RunShown::of(words, run)).collect(),
        entries: journal
            .items
            .iter()
            .map(|entry| EntryShown::of(words, &addresses, entry))
            .collect(),
        older_entries: journal.next_cursor.as_deref().map(encoded),
        words: words.clone(),
    }))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
