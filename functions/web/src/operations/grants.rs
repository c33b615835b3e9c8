//! Grants at Google. All account links of one Google account under one Google client live on the same grant, and ending
//! it for one would end it for all of them.

use connector_google::client_file::GoogleClient;
use connector_google::oauth::{GoogleGrant, GoogleOauth};
use sync_core::id::AccountLinkId;
use sync_core::port::SecretText;
use sync_engine::memory::CrmRegistration;

use crate::app::App;
use crate::problem::Answered;

/// Account links looked at together.
const LINKS_PAGE: usize = 100;

/// What leaves a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// One account link.
    One,
    /// All account links of its CRM.
    WholeCrm,
}

/// What became of the access at Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// Google has ended it.
    Yes,
    /// Another account link lives on it, so it stays.
    Shared,
    /// Google did not do it; the user can, in their Google account.
    No,
}

/// Ends the access of an account link at Google, unless another account link lives on the same grant.
pub(crate) async fn end(
    app: &App,
    id: &AccountLinkId,
    subject: Option<&str>,
    token: &SecretText,
    leaving: Leaving,
) -> Answered<Revoked> {
    if let Some(subject) = subject
        && let Some(found) = app.memory.crm(&id.crm).await?
        && is_shared(app, &found.value, subject, Some((id, leaving))).await?
    {
        return Ok(Revoked::Shared);
    }
    Ok(revoke(app, &id.crm, token).await)
}

/// Gives back an access with which nothing was linked. What cannot be given back now lapses unused, for the token is
/// not kept.
pub(super) async fn give_back_unused(app: &App, registration: &CrmRegistration, grant: &GoogleGrant) {
    let Some(token) = &grant.refresh else { return };
    match is_shared(app, registration, &grant.identity.subject, None).await {
        Ok(false) => {
            revoke(app, &registration.crm, token).await;
        }
        Ok(true) => {}
        Err(problem) => tracing::warn!(
            crm = registration.crm,
            problem.code = problem.code,
            "an unused access was not given back"
        ),
    }
}

async fn is_shared(
    app: &App,
    registration: &CrmRegistration,
    subject: &str,
    leaving: Option<(&AccountLinkId, Leaving)>,
) -> Answered<bool> {
    let crms = app.memory.crms().await?;
    let of_one_client = crms
        .iter()
        .filter(|other| other.google_client_id == registration.google_client_id);
    for crm in of_one_client {
        if leaving.is_some_and(|(id, leaving)| leaving == Leaving::WholeCrm && crm.crm == id.crm) {
            continue;
        }
        let mut cursor = None;
        loop {
            let page = app
                .memory
                .account_links(&crm.crm, cursor.as_deref(), LINKS_PAGE)
                .await?;
            let lives_on = |link: &sync_engine::memory::AccountLink| {
                let google = link.body.value.google.as_ref();
                google.is_some_and(|google| google.subject == subject)
                    && leaving.is_none_or(|(id, _)| link.id != *id)
            };
            if page.items.iter().any(lives_on) {
                return Ok(true);
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(false)
}

/// Takes an access back at Google. Any client of ours will do: the token alone says what it is.
async fn revoke(app: &App, crm: &str, token: &SecretText) -> Revoked {
    let client = GoogleClient {
        client_id: String::new(),
        client_secret: SecretText::from(""),
    };
    match GoogleOauth::new(app.google.clone(), client, app.http.clone())
        .revoke(token)
        .await
    {
        Ok(()) => Revoked::Yes,
        Err(failure) => {
            tracing::warn!(
                crm,
                failure.code = failure.code,
                "the access could not be taken back at Google"
            );
            Revoked::No
        }
    }
}
