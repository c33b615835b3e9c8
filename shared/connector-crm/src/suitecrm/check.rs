//! What is wrong with a set-up, told by the field of the registration that is at fault. Writes nothing.

use chrono_tz::Tz;
use connector_http::client::HttpFailure;

use super::call::Api;
use super::failure::SignInFailure;
use super::login::NoSession;
use super::site::{Site, length_of};
use super::users::preferences;
use super::wire::{ListQuery, Module, One, Page};
use crate::crm::{CheckReport, Finding, Level};
use crate::finding::{failed, finding, ok, sentence};

/// The names of zones that are UTC all year and always were; a zone like London's is not.
const UTC_ZONES: [Tz; 11] = [
    Tz::UTC,
    Tz::UCT,
    Tz::GMT,
    Tz::Universal,
    Tz::Zulu,
    Tz::Greenwich,
    Tz::Etc__UTC,
    Tz::Etc__UCT,
    Tz::Etc__GMT,
    Tz::Etc__Universal,
    Tz::Etc__Zulu,
];

/// Tries everything that a run needs, short of writing.
pub(crate) async fn check(api: &Api) -> CheckReport {
    let mut findings = Vec::new();
    match api.login.afresh().await {
        Ok(session) => {
            let message = format!(
                "Signed in; the API is at {}{}",
                api.base_url,
                session.place.trim_end_matches('/')
            );
            findings.push(ok("signed_in", message));
        }
        Err(cause) => {
            findings.push(no_session(&cause, api.login.with_password()));
            return CheckReport::of(findings);
        }
    }
    findings.extend(check_user(api).await);
    for module in Module::ALL {
        findings.push(check_module(api, module).await);
    }
    CheckReport::of(findings)
}

/// Looks at the user as whom the API acts: dates pass through the formats and the zone of this user.
async fn check_user(api: &Api) -> Vec<Finding> {
    let user: One = match api.get("current-user").await {
        Ok(user) => user,
        Err(cause) => return vec![failed("The API user cannot be read", cause)],
    };
    let preferences = match preferences(api, &user.data.id).await {
        Ok(preferences) => preferences,
        Err(cause) => {
            let message = "Could not read the API user's preferences. Make sure that the user's time zone in the CRM \
                           is UTC: in any other, meetings shift by an hour when the clocks change.";
            tracing::debug!(%cause, "the API user's preferences cannot be read");
            return vec![finding(None, Level::Warning, "time_zone_unknown", message)];
        }
    };
    let zone = match preferences.zone_name.as_deref() {
        None => finding(
            None,
            Level::Warning,
            "time_zone_unset",
            "The API user has chosen no time zone, which the CRM takes for UTC. Choose UTC in the user's profile, so \
             that it stays so.",
        ),
        Some(name) if name.parse::<Tz>().is_ok_and(|zone| UTC_ZONES.contains(&zone)) => {
            ok("time_zone", "The API user's time zone is UTC.".to_owned())
        }
        Some(name) => finding(
            None,
            Level::Error,
            "time_zone_not_utc",
            &format!(
                "The API user's time zone is {name}. Open that user's profile in the CRM, set Time Zone to UTC, save, \
                 and check again: in any other zone the CRM moves meetings by an hour when the clocks change."
            ),
        ),
    };
    let seconds = if preferences
        .time_format
        .as_deref()
        .is_some_and(|format| format.contains('s'))
    {
        ok("seconds_shown", "Times come with seconds.".to_owned())
    } else {
        ok(
            "seconds_lost",
            "Times come rounded down to the minute, which is usual and does no harm.".to_owned(),
        )
    };
    vec![zone, seconds]
}

/// Looks whether a module may be read, and how long its names may be. Not every site keeps tasks or contacts in
/// step.
async fn check_module(api: &Api, module: Module) -> Finding {
    let (level, name) = match module {
        Module::Meetings | Module::Calls => (Level::Error, "name"),
        Module::Tasks => (Level::Warning, "name"),
        Module::Contacts => (Level::Warning, "last_name"),
    };
    if let Err(cause) = api.get::<Page>(&ListQuery::of(module.as_str(), 1).path()).await {
        return Finding {
            level,
            ..failed(&format!("{module} cannot be read"), cause)
        };
    }
    let described = api.get::<One>(&format!("meta/fields/{module}")).await;
    match described
        .ok()
        .and_then(|one| length_of(&one.data.attributes, name))
    {
        Some(length) => ok(
            "module_read",
            format!("{module} can be read; their names hold {length} characters."),
        ),
        None => finding(
            None,
            Level::Warning,
            "length_unknown",
            &format!(
                "{module} can be read, but the CRM does not say how long their names may be; {} is assumed.",
                Site::default().chars(name)
            ),
        ),
    }
}

fn no_session(cause: &NoSession, with_password: bool) -> Finding {
    let (field, code) = match cause {
        NoSession::Http(HttpFailure::Address(_)) => (Some("base_url"), "address_refused"),
        NoSession::Http(_) => (Some("base_url"), "unreachable"),
        NoSession::Refused(refused) => match refused {
            SignInFailure::NoApiHere => (Some("base_url"), "no_api"),
            SignInFailure::Client => (Some("auth.client_secret"), "invalid_client"),
            SignInFailure::UnknownClient => (Some("auth.client_id"), "unknown_client"),
            SignInFailure::Password => (Some("auth.password"), "invalid_password"),
            SignInFailure::UnknownUser => (Some("auth.username"), "unknown_user"),
            SignInFailure::UserRefused if with_password => (Some("auth.username"), "user_refused"),
            SignInFailure::UserRefused => (Some("auth.client_id"), "user_refused"),
            SignInFailure::Grant => (Some("auth.client_id"), "unsupported_grant"),
            SignInFailure::KeysMissing => (None, "keys_missing"),
            SignInFailure::Unavailable { status: _ } => (Some("base_url"), "unavailable"),
            SignInFailure::Unknown { status: _ } => (None, "sign_in_refused"),
        },
    };
    let hint = match cause {
        NoSession::Refused(SignInFailure::NoApiHere) => {
            ": a web page or nothing answers instead. Give the address at which people open the CRM"
        }
        NoSession::Refused(SignInFailure::Client) if with_password => {
            ". The client must be one for the password grant"
        }
        NoSession::Refused(SignInFailure::Client) => ". The client must be one for client credentials",
        NoSession::Refused(_) | NoSession::Http(_) => "",
    };
    finding(field, Level::Error, code, &sentence(&format!("{cause}{hint}")))
}
