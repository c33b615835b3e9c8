//! The users of a CRM, and what the administrator can do about one.

use axum::extract::{Path, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::json;
use sync_core::id::AccountLinkId;
use sync_engine::memory::{AccountLink, AccountLinkState};
use url::form_urlencoded;

use super::crm_actions::to;
use crate::operations::grants::{Leaving, Revoked};
use crate::operations::links;
use crate::pages::Refused;
use crate::pages::form::AdminForm;
use crate::pages::shown::RunShown;
use crate::session::Shared;
use crate::speech::Words;

/// A user in the list.
pub(super) struct LinkShown {
    /// Where the buttons lead.
    pub(super) address: String,
    pub(super) name: String,
    pub(super) google_email: String,
    pub(super) state: AccountLinkState,
    pub(super) last: Option<RunShown>,
    pub(super) next: Option<DateTime<Utc>>,
    pub(super) problems: u64,
}

impl LinkShown {
    pub(super) fn of(words: &Words, link: &AccountLink) -> Self {
        let body = &link.body.value;
        let user: String = form_urlencoded::byte_serialize(link.id.user.as_bytes()).collect();
        let name = body.name.clone().or_else(|| body.email.clone());
        let google = body.google.as_ref();
        Self {
            // A plus sign stands for a space in a query, but for itself in a path.
            address: format!("/admin/crms/{}/links/{}", link.id.crm, user.replace('+', "%20")),
            name: name.unwrap_or_else(|| link.id.user.clone()),
            google_email: google.map(|google| google.email.clone()).unwrap_or_default(),
            state: link.state(),
            last: link
                .progress
                .last_run
                .as_ref()
                .map(|run| RunShown::of(words, run)),
            next: link.next_run_at(),
            problems: link.progress.parked.count,
        }
    }

    /// Whether it is switched off.
    pub(super) fn is_off(&self) -> bool {
        self.state == AccountLinkState::Disabled
    }
}

pub(super) async fn sync(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::sync_soon(&app, &id).await?;
    Ok(to(&id.crm, "started"))
}

pub(super) async fn pause(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::patch_settings(&app, &id, &json!({ "enabled": false })).await?;
    Ok(to(&id.crm, "paused"))
}

pub(super) async fn resume(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::patch_settings(&app, &id, &json!({ "enabled": true })).await?;
    Ok(to(&id.crm, "resumed"))
}

pub(super) async fn disconnect(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::find(&app, &id).await?;
    let done = match links::disconnect(&app, &id, Leaving::One).await? {
        Revoked::Yes => "disconnected",
        Revoked::Shared => "disconnected-shared",
        Revoked::No => "disconnected-here",
    };
    Ok(to(&id.crm, done))
}

fn id_of((crm, user): (String, String)) -> AccountLinkId {
    AccountLinkId::new(crm, user)
}
