//! What is wrong with a set-up, told by the field of the registration that is at fault. Writes nothing.

use chrono::TimeDelta;
use connector_http::client::HttpFailure;

use super::call::Api;
use super::failure::{SignInFailure, VtigerFailure};
use super::login::{InvitedUsers, NoSession, Session};
use super::site::Described;
use super::wire::{Module, Query, parse_stamp};
use crate::crm::{CheckReport, Finding, Level};
use crate::earliest::Earliest;
use crate::finding::{failed, finding, ok, sentence};

/// One kind of record, as a check looks at it.
struct Looked {
    module: Module,
    /// What people call its records, with a capital letter and without.
    plural: [&'static str; 2],
    /// What it means that they cannot be used: not every site keeps tasks or contacts in step.
    level: Level,
    read_only: &'static str,
    writable: &'static str,
    /// The fields that every copy fills.
    filled: &'static [&'static str],
}

const LOOKED: [Looked; 3] = [
    Looked {
        module: Module::Events,
        plural: ["Events", "events"],
        level: Level::Error,
        read_only: "events_read_only",
        writable: "events_writable",
        filled: &[
            "subject",
            "assigned_user_id",
            "date_start",
            "time_start",
            "due_date",
            "time_end",
            "duration_hours",
            "eventstatus",
            "activitytype",
            "visibility",
        ],
    },
    Looked {
        module: Module::Calendar,
        plural: ["Tasks", "tasks"],
        level: Level::Warning,
        read_only: "tasks_read_only",
        writable: "tasks_writable",
        filled: &[
            "subject",
            "assigned_user_id",
            "date_start",
            "time_start",
            "due_date",
            "taskstatus",
            "activitytype",
            "visibility",
        ],
    },
    Looked {
        module: Module::Contacts,
        plural: ["Contacts", "contacts"],
        level: Level::Warning,
        read_only: "contacts_read_only",
        writable: "contacts_writable",
        filled: &["lastname", "assigned_user_id"],
    },
];
/// A clock that is further away than this is worth a word; nothing depends on it but who edited last.
const CLOCKS_APART_MAX: TimeDelta = TimeDelta::minutes(10);
/// A newest change that lies further ahead of the CRM's clock was written in another zone than UTC.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(45);

/// Tries everything that a run needs, short of writing.
pub(crate) async fn check(api: &Api) -> CheckReport {
    let mut findings = Vec::new();
    let session = match api.login.afresh().await {
        Ok(session) => session,
        Err(cause) => return CheckReport::of(vec![no_session(&cause)]),
    };
    let signed_in = if session.version.is_empty() {
        "Signed in to Vtiger; its version is not told.".to_owned()
    } else {
        format!("Signed in to Vtiger; it is version {}.", session.version)
    };
    findings.push(ok("signed_in", signed_in));
    findings.push(check_rights(api, &session).await);
    for looked in &LOOKED {
        findings.extend(check_module(api, looked).await);
    }
    findings.extend(check_clock(api).await);
    findings.push(match api.login.invited_users() {
        InvitedUsers::Keep => finding(
            None,
            Level::Warning,
            "invited_users_kept",
            "Vtiger's interface does not show which users are invited to an event, and removes them when an event is \
             changed. So events that a person saved last in the CRM are not changed by the sync, and are listed as \
             problems where Google's side was edited. If your users never invite each other to events, set \
             auth.invited_users to drop: then every change of Google's is carried over.",
        ),
        InvitedUsers::Drop => ok(
            "invited_users_dropped",
            "Every change of Google's is carried over; users invited to the event in the CRM are removed by it."
                .to_owned(),
        ),
    });
    CheckReport::of(findings)
}

/// Only an administrator sees every user's records, and may tell deleted ones from hidden ones.
async fn check_rights(api: &Api, session: &Session) -> Finding {
    let query = Query::select("id", Module::Users).with_id(session.user);
    match api.query(&query).await {
        Ok(rows) if rows.iter().any(|row| row.id("id") == Some(session.user)) => ok(
            "administrator",
            "The user is an administrator, so everybody's records can be kept in step.".to_owned(),
        ),
        Ok(_) | Err(VtigerFailure::Denied) => finding(
            Some("auth.username"),
            Level::Error,
            "not_administrator",
            "This user is no administrator of the CRM. Give the name and the access key of one who is, best of one \
             made for the sync alone: only an administrator sees every user's records.",
        ),
        Err(cause) => failed("Users cannot be read", cause),
    }
}

async fn check_module(api: &Api, looked: &Looked) -> Vec<Finding> {
    let [capital, plural] = looked.plural;
    let described = match api.describe(looked.module).await {
        Ok(described) => Described::of(&described),
        Err(cause) => {
            return vec![Finding {
                level: looked.level,
                ..failed(&format!("{capital} cannot be read"), cause)
            }];
        }
    };
    if !described.writable {
        let message = format!("This user may not make, change and delete {plural} in the CRM.");
        return vec![finding(None, looked.level, looked.read_only, &message)];
    }
    let demanded: Vec<&str> = described
        .fields
        .iter()
        .filter(|field| field.is_demanded && !looked.filled.contains(&field.name.as_str()))
        .map(|field| field.name.as_str())
        .collect();
    let mut findings = vec![if demanded.is_empty() {
        let message = format!("{capital} can be read, made, changed and deleted.");
        ok(looked.writable, message)
    } else {
        let message = format!(
            "The CRM demands a value in fields of {plural} that Google does not know ({}), so it refuses what comes \
             from Google. Make them optional, or give them a default value.",
            demanded.join(", ")
        );
        finding(None, Level::Warning, "fields_demanded", &message)
    }];
    if looked.module == Module::Contacts {
        findings.push(marks_of(&described));
    }
    findings
}

/// What can choose contacts for the sync, by what people call it.
fn marks_of(described: &Described) -> Finding {
    let checkboxes: Vec<&str> = described
        .own_checkboxes()
        .map(|field| field.label.trim())
        .collect();
    if checkboxes.is_empty() {
        return ok(
            "no_checkboxes",
            "Contacts have no checkbox of your own, so users can choose those that are kept in step by a shared tag, \
             in the CRM only. Add a checkbox to contacts to let them choose on both sides."
                .to_owned(),
        );
    }
    let message = format!(
        "Contacts can be chosen by these checkboxes, on both sides: {}.",
        checkboxes.join(", ")
    );
    ok("checkboxes", message)
}

/// Looks at the CRM's clock, and at the zone in which its database keeps times. A zone behind UTC shows only in the
/// first write.
async fn check_clock(api: &Api) -> Vec<Finding> {
    let earliest = Earliest::default();
    let newest = Query::select("id,modifiedtime", Module::Events).ordered("modifiedtime desc", 0, 1);
    let rows = match api.query_noting(&newest, &earliest).await {
        Ok(rows) => rows,
        Err(cause) => return vec![failed("Events cannot be read", cause)],
    };
    let Some(now) = earliest.get() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let changed = rows
        .first()
        .and_then(|row| parse_stamp(&row.text("modifiedtime")));
    if changed.is_some_and(|changed| changed - now > AHEAD_MAX) {
        let told = super::read::database_zone();
        findings.push(finding(None, Level::Error, told.code, &sentence(&told.message)));
    }
    let apart = now - api.login.now();
    if apart.abs() > CLOCKS_APART_MAX {
        let message = format!(
            "The CRM's clock is {} minutes away from ours. Where the same field was changed on both sides, the wrong \
             edit may count as the newer one.",
            apart.num_minutes().abs()
        );
        findings.push(finding(None, Level::Warning, "clock_skew", &message));
    }
    findings
}

fn no_session(cause: &NoSession) -> Finding {
    let (field, code) = match cause {
        NoSession::Http(HttpFailure::Address(_)) => (Some("base_url"), "address_refused"),
        NoSession::Http(_) => (Some("base_url"), "unreachable"),
        NoSession::Refused(SignInFailure::AccessKey) => (Some("auth.access_key"), "invalid_access_key"),
        NoSession::Refused(SignInFailure::UnknownUser) => (Some("auth.username"), "unknown_user"),
        NoSession::Refused(SignInFailure::NoServiceHere) => (Some("base_url"), "no_api"),
        NoSession::Refused(SignInFailure::Unavailable { status: _ }) => (Some("base_url"), "unavailable"),
        NoSession::Refused(SignInFailure::Unknown) => (None, "sign_in_refused"),
    };
    let hint = match cause {
        NoSession::Refused(SignInFailure::AccessKey) => {
            ". It stands under My Preferences of that user in the CRM, and is not the password"
        }
        NoSession::Refused(SignInFailure::NoServiceHere) => {
            ": a web page or nothing answers instead. Give the address at which people open the CRM"
        }
        NoSession::Refused(_) | NoSession::Http(_) => "",
    };
    finding(field, Level::Error, code, &sentence(&format!("{cause}{hint}")))
}
