//! What can be done with an account link: settings, runs, confirmation, disconnecting.

use std::time::Duration;

use serde_json::Value;
use sync_core::id::AccountLinkId;
use sync_core::policy::Settings;
use sync_core::port::{StoreFailure, Trigger};
use sync_engine::memory::{AccountLink, AccountLinkState, Confirmation};
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::RunRequest;
use tokio::time::{Instant, sleep};

use super::crms::OVERTAKEN_MAX;
use super::grants::{self, Leaving, Revoked};
use crate::app::App;
use crate::messages;
use crate::problem::{Answered, Problem};

/// How often a call that waits for a run looks whether the run before it has ended.
const LEASE_POLL: Duration = Duration::from_millis(250);

/// An account link.
pub(crate) async fn find(app: &App, id: &AccountLinkId) -> Answered<AccountLink> {
    super::crms::find(app, &id.crm).await?;
    app.memory
        .account_link(id)
        .await?
        .ok_or_else(|| Problem::not_found(messages::UNKNOWN_LINK))
}

/// Changes settings, and the schedule with them.
pub(crate) async fn patch_settings(app: &App, id: &AccountLinkId, patch: &Value) -> Answered<Settings> {
    for _ in 0..OVERTAKEN_MAX {
        let mut link = find(app, id).await?;
        link.body.value.settings = link.body.value.settings.patched(patch).map_err(Problem::fields)?;
        match app
            .memory
            .put_account_link(id, &link.body.value, Some(link.body.version))
            .await
        {
            Ok(()) => {
                set_schedule(app, &link).await?;
                return Ok(link.body.value.settings);
            }
            Err(StoreFailure::ConditionFailed) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StoreFailure::ConditionFailed.into())
}

/// Makes the schedule what the account link's state and settings ask for.
pub(crate) async fn set_schedule(app: &App, link: &AccountLink) -> Answered<()> {
    let paused = match link.state() {
        AccountLinkState::Active | AccountLinkState::Held => false,
        AccountLinkState::Disabled | AccountLinkState::NeedsAuthorization => true,
    };
    Ok(app
        .schedules
        .set(&link.id, link.body.value.settings.interval_minutes, paused)
        .await?)
}

/// Starts a run and answers with its name.
pub(crate) async fn sync_soon(app: &App, id: &AccountLinkId) -> Answered<String> {
    find(app, id).await?;
    let run_id = app.engine.new_run_id();
    app.schedules.run_soon(id, Trigger::Manual, &run_id).await?;
    Ok(run_id)
}

/// Runs now and answers with the finished run. A run that is at work already is waited for, as long as the
/// caller may wait at all.
pub(crate) async fn sync_now(app: &App, id: &AccountLinkId) -> Answered<RunRecord> {
    find(app, id).await?;
    let ends = Instant::now() + app.config.wait_limit;
    loop {
        let request = RunRequest {
            link: id.clone(),
            trigger: Trigger::Manual,
            run_id: Some(app.engine.new_run_id()),
        };
        let left = ends.saturating_duration_since(Instant::now());
        let run = Box::pin(app.engine.run(request, left)).await;
        let leased = run.outcome == Outcome::Skipped && run.reason.as_deref() == Some("leased");
        if !leased || Instant::now() + LEASE_POLL >= ends {
            return Ok(run);
        }
        sleep(LEASE_POLL).await;
    }
}

/// Lets a held run go on, with as many deletions as are held now, and starts it.
pub(crate) async fn confirm(app: &App, id: &AccountLinkId) -> Answered<String> {
    for _ in 0..OVERTAKEN_MAX {
        let mut link = find(app, id).await?;
        let Some(held) = &link.progress.held else {
            return Err(Problem::conflict("nothing-held", messages::NOTHING_HELD));
        };
        let deletions = held.deletions.crm + held.deletions.google;
        link.body.value.confirmation = Some(Confirmation {
            at: app.now(),
            deletions,
        });
        match app
            .memory
            .put_account_link(id, &link.body.value, Some(link.body.version))
            .await
        {
            Ok(()) => return sync_soon(app, id).await,
            Err(StoreFailure::ConditionFailed) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StoreFailure::ConditionFailed.into())
}

/// Takes the access back at Google as well as may be, removes schedule, tokens and pairs. Nobody's data is
/// touched. The row goes last, so that whatever stopped half-way can be asked for again.
pub(crate) async fn disconnect(app: &App, id: &AccountLinkId, leaving: Leaving) -> Answered<Revoked> {
    app.schedules.remove(id).await?;
    let revoked = match app.connector.refresh_token(id).await? {
        Some(token) => {
            let link = app.memory.account_link(id).await?;
            let google = link.as_ref().and_then(|link| link.body.value.google.as_ref());
            let subject = google.map(|google| google.subject.as_str());
            grants::end(app, id, subject, &token, leaving).await?
        }
        None => Revoked::Yes,
    };
    app.connector.forget_tokens(id).await?;
    app.memory.remove_account_link(id).await?;
    tracing::info!(account_link.id = %id, ?revoked, "account link disconnected");
    Ok(revoked)
}
