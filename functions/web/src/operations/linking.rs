//! Joining a user of the CRM with the Google account that they have just authorised.

use chrono::TimeDelta;
use connector_google::oauth::{GoogleGrant, Identity, cover};
use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_core::port::{StoreFailure, Trigger};
use sync_engine::memory::{AccountLink, AccountLinkBody, CrmRegistration, GoogleAccount};

use super::consent::{Consent, Person};
use super::crms::OVERTAKEN_MAX;
use super::grants::{self, Leaving};
use super::links;
use crate::app::App;
use crate::messages::{self, Message};
use crate::problem::{Answered, Problem};

/// How far back the first sync reaches, where nobody chose a day.
const START_BEFORE: TimeDelta = TimeDelta::days(30);

/// What became of it.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) id: AccountLinkId,
    /// Google's id of the account.
    pub(crate) subject: String,
    /// Whether another Google account was linked before.
    pub(crate) switched: bool,
}

/// Why nothing was linked.
#[derive(Debug)]
pub(crate) enum NotLinked {
    /// For a reason that the user can do something about.
    Refused(Message),
    /// Because something of ours did not do it.
    Problem(Problem),
}

impl From<Problem> for NotLinked {
    fn from(problem: Problem) -> Self {
        NotLinked::Problem(problem)
    }
}

impl From<StoreFailure> for NotLinked {
    fn from(failure: StoreFailure) -> Self {
        NotLinked::Problem(failure.into())
    }
}

/// Links the consent's user, or the one with the Google account's address. The refresh token is kept before the
/// account link says that it is authorised.
pub(crate) async fn link(
    app: &App,
    registration: &CrmRegistration,
    consent: &Consent,
    grant: &GoogleGrant,
) -> Result<Linked, NotLinked> {
    let person = match &consent.person {
        Some(person) => person.clone(),
        None => match person_of(app, registration, &grant.identity).await {
            Ok(person) => person,
            Err(why) => {
                // Nothing is linked, so nothing of the access shall stay.
                grants::give_back_unused(app, registration, grant).await;
                return Err(why);
            }
        },
    };
    let id = AccountLinkId::new(&registration.crm, &person.user);
    let former_token = app.connector.refresh_token(&id).await.map_err(Problem::from)?;
    for _ in 0..OVERTAKEN_MAX {
        let former = app.memory.account_link(&id).await?;
        let google_before = former.as_ref().and_then(|link| link.body.value.google.as_ref());
        let switched = google_before.is_some_and(|google| google.subject != grant.identity.subject);
        match &grant.refresh {
            // Written anew in every round: of two browsers that link at once, the one whose row stays must also
            // be the one whose token does.
            Some(token) => app
                .connector
                .keep_refresh_token(&id, token)
                .await
                .map_err(Problem::from)?,
            None if former_token.is_some() && google_before.is_some() && !switched => {}
            None => return Err(NotLinked::Refused(messages::NO_REFRESH_TOKEN)),
        }
        let body = body_of(app, registration, former.as_ref(), &person, consent, grant)?;
        let read = match &former {
            // Pairs and cursors belong to the account that was linked before. Taking the row away also takes the
            // lease from a run that may be at work on it.
            Some(_) if switched => {
                app.memory.remove_account_link(&id).await?;
                None
            }
            Some(link) => Some(link.body.version),
            None => None,
        };
        match app.memory.put_account_link(&id, &body, read).await {
            Ok(()) => {
                if switched && let Some(token) = &former_token {
                    let subject = google_before.map(|google| google.subject.as_str());
                    grants::end(app, &id, subject, token, Leaving::One).await?;
                }
                begin(app, &id).await?;
                tracing::info!(account_link.id = %id, switched, "account link authorised");
                return Ok(Linked {
                    id,
                    subject: grant.identity.subject.clone(),
                    switched,
                });
            }
            Err(StoreFailure::ConditionFailed) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StoreFailure::ConditionFailed.into())
}

/// The kinds that the user wants and Google does not let us touch: unticked at the consent, or switched on since.
pub(crate) fn missing_access(link: &AccountLink) -> Vec<Kind> {
    let body = &link.body.value;
    let Some(google) = &body.google else {
        return Vec::new();
    };
    let on = body.settings.kinds();
    Kind::ALL
        .into_iter()
        .filter(|kind| google.unticked.contains(kind) || on.contains(kind))
        .filter(|kind| !cover(&google.scopes, *kind))
        .collect()
}

/// Sets the schedule and starts the first run.
async fn begin(app: &App, id: &AccountLinkId) -> Answered<()> {
    let Some(link) = app.memory.account_link(id).await? else {
        return Ok(());
    };
    links::set_schedule(app, &link).await?;
    if link.body.value.settings.enabled
        && let Err(failure) = app
            .schedules
            .run_soon(id, Trigger::Manual, &app.engine.new_run_id())
            .await
    {
        // The schedule will do it within the interval.
        tracing::warn!(account_link.id = %id, "the first run could not be started at once: {failure}");
    }
    Ok(())
}

fn body_of(
    app: &App,
    registration: &CrmRegistration,
    former: Option<&AccountLink>,
    person: &Person,
    consent: &Consent,
    grant: &GoogleGrant,
) -> Answered<AccountLinkBody> {
    let now = app.now();
    // Google leaves the scopes out where they are those asked for.
    let scopes: Vec<String> = if grant.scopes.is_empty() {
        consent.wants.scopes().into_iter().map(str::to_owned).collect()
    } else {
        grant.scopes.iter().cloned().collect()
    };
    let former = former.map(|link| &link.body.value);
    let mut settings = match former {
        Some(body) => body.settings.clone(),
        None => defaults(registration)?,
    };
    settings.start_from = settings.start_from.or(Some((now - START_BEFORE).date_naive()));
    let was_unticked = former
        .and_then(|body| body.google.as_ref())
        .map(|google| google.unticked.as_slice())
        .unwrap_or_default();
    let mut unticked = Vec::new();
    for kind in Kind::ALL {
        let wanted = consent.wants.kinds.contains(&kind) || settings.kinds().contains(&kind);
        if wanted && !cover(&scopes, kind) {
            settings.switch(kind, false);
            unticked.push(kind);
        } else if was_unticked.contains(&kind) {
            settings.switch(kind, true);
        }
    }
    Ok(AccountLinkBody {
        name: person
            .name
            .clone()
            .or_else(|| former.and_then(|body| body.name.clone())),
        email: person
            .email
            .clone()
            .or_else(|| former.and_then(|body| body.email.clone())),
        locale: person
            .locale
            .clone()
            .or_else(|| former.and_then(|body| body.locale.clone())),
        google: Some(GoogleAccount {
            subject: grant.identity.subject.clone(),
            email: grant.identity.email.clone().unwrap_or_default(),
            scopes,
            unticked,
            ends_at: grant.ends_at,
            authorized_at: now,
        }),
        settings,
        linked_at: former.map_or(now, |body| body.linked_at),
        confirmation: None,
    })
}

/// The settings that a CRM's users begin with.
pub(crate) fn defaults(registration: &CrmRegistration) -> Answered<Settings> {
    Settings::default()
        .patched(&registration.settings)
        .map_err(|errors| {
            tracing::error!(
                crm = registration.crm,
                errors = errors.len(),
                "the stored default settings are not good any more"
            );
            Problem::internal()
        })
}

/// The one active user of the CRM with the verified address of the Google account.
async fn person_of(
    app: &App,
    registration: &CrmRegistration,
    identity: &Identity,
) -> Result<Person, NotLinked> {
    let Some(email) = identity.email.as_deref().filter(|_| identity.email_verified) else {
        return Err(NotLinked::Refused(messages::EMAIL_NOT_VERIFIED));
    };
    let found = match app.connector.crm(&registration.crm).await {
        Ok(crm) => crm.users_by_email(email).await,
        Err(failure) => Err(failure),
    };
    let users = found.map_err(|failure| {
        tracing::warn!(
            crm = registration.crm,
            failure.code = failure.code,
            "a user could not be looked up by address"
        );
        NotLinked::Refused(messages::CRM_AWAY)
    })?;
    match users.as_slice() {
        [] => Err(NotLinked::Refused(messages::NO_MATCH)),
        [user] => Ok(Person {
            user: user.id.clone(),
            name: Some(user.name.clone()).filter(|name| !name.is_empty()),
            email: user.email.clone().or_else(|| Some(email.to_owned())),
            locale: None,
        }),
        [_, _, ..] => Err(NotLinked::Refused(messages::MANY_MATCHES)),
    }
}
