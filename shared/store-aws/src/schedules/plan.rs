//! What a schedule shall be, checked before it is sent: emulators take anything, and the real service answers late.

use chrono::{DateTime, Duration, Utc};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sync_core::id::AccountLinkId;
use sync_core::port::{SchedulesFailure, Trigger};

/// The zone of every expression.
pub(super) const ZONE: &str = "UTC";

/// Most characters of a name.
///
/// # Source
/// "CreateSchedule", EventBridge Scheduler API reference: names are `[0-9a-zA-Z-_.]+`, windows 1 to 1440 minutes,
/// event ages 60 to 86,400 seconds, inputs valid JSON; "Quotas for EventBridge Scheduler": 256 KB of target data.
const NAME_CHARACTERS_MAX: usize = 64;

/// Most bytes of an input.
const INPUT_BYTES_MAX: usize = 256 * 1024;

/// Most minutes of an interval, a year: the service knows no limit, and a greater one is a mistake.
const INTERVAL_MINUTES_MAX: u32 = 366 * 24 * 60;

/// Longest window of a recurring run: starts of many account links are spread over it.
const WINDOW_MINUTES_MAX: u32 = 5;

/// Characters of a name that a person can read; the rest tells names apart.
const READABLE_CHARACTERS_MAX: usize = 24;

/// Bytes of the hash in a name: 16 are enough that no two account links of the world ever meet.
const HASH_BYTES: usize = 16;

/// How far ahead a single run is set: its instant must not have passed when the service reads it.
const SOON: Duration = Duration::seconds(5);

/// How long a single run may be late before it is given up, in seconds; the recurring one comes anyway.
const SINGLE_EVENT_AGE_SECONDS: i32 = 900;

/// Everything that a schedule is made of, besides the target's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedSchedule {
    pub(super) name: String,
    pub(super) expression: String,
    pub(super) input: String,
    pub(super) window_minutes: Option<i32>,
    pub(super) paused: bool,
    pub(super) is_single: bool,
    pub(super) event_age_seconds: i32,
    pub(super) retries: i32,
}

/// The account link's recurring runs.
pub(super) fn recurring(
    link: &AccountLinkId,
    interval_minutes: u32,
    paused: bool,
) -> Result<PlannedSchedule, SchedulesFailure> {
    if interval_minutes == 0 || interval_minutes > INTERVAL_MINUTES_MAX {
        return Err(refused(format!(
            "an interval has 1 to {INTERVAL_MINUTES_MAX} minutes"
        )));
    }
    let window = (interval_minutes / 3).min(WINDOW_MINUTES_MAX);
    // A start that is an interval late is overtaken by the next one.
    let age = interval_minutes.saturating_mul(60).clamp(60, 86_400);
    checked(PlannedSchedule {
        name: recurring_name(link),
        expression: format!("rate({interval_minutes} minutes)"),
        input: json!({ "crm": link.crm, "user": link.user }).to_string(),
        window_minutes: i32::try_from(window).ok().filter(|minutes| *minutes > 0),
        paused,
        is_single: false,
        event_age_seconds: i32::try_from(age).unwrap_or(86_400),
        retries: 2,
    })
}

/// One run as soon as possible, and not before then.
pub(super) fn single(
    link: &AccountLinkId,
    trigger: Trigger,
    run_id: &str,
    not_before: DateTime<Utc>,
) -> Result<PlannedSchedule, SchedulesFailure> {
    if run_id.is_empty() {
        return Err(refused("a run has an id".to_owned()));
    }
    checked(PlannedSchedule {
        name: name(link, &["single", &link.crm, &link.user, run_id]),
        expression: format!("at({})", (not_before + SOON).format("%Y-%m-%dT%H:%M:%S")),
        input: json!({ "crm": link.crm, "user": link.user, "trigger": trigger.as_str(), "run_id": run_id })
            .to_string(),
        window_minutes: None,
        paused: false,
        is_single: true,
        event_age_seconds: SINGLE_EVENT_AGE_SECONDS,
        retries: 5,
    })
}

/// The name of the account link's recurring schedule.
pub(super) fn recurring_name(link: &AccountLinkId) -> String {
    name(link, &["recurring", &link.crm, &link.user])
}

/// A readable beginning, and a hash that no other parts have.
fn name(link: &AccountLinkId, parts: &[&str]) -> String {
    let readable: String = format!("{}-{}", link.crm, link.user)
        .chars()
        .map(|character| if is_of_name(character) { character } else { '_' })
        .take(READABLE_CHARACTERS_MAX)
        .collect();
    let mut hash = Sha256::new();
    for part in parts {
        // With its length before it, no part can pass for two.
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: Vec<u8> = hash.finalize().iter().copied().take(HASH_BYTES).collect();
    format!("{readable}-{}", HEXLOWER.encode(&digest))
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.".contains(character)
}

fn checked(planned: PlannedSchedule) -> Result<PlannedSchedule, SchedulesFailure> {
    let name = &planned.name;
    if name.is_empty() || name.len() > NAME_CHARACTERS_MAX || !name.chars().all(is_of_name) {
        return Err(refused(
            "a schedule's name is not one that the scheduler takes".to_owned(),
        ));
    }
    if planned.input.len() > INPUT_BYTES_MAX {
        return Err(refused("a schedule's input is too large".to_owned()));
    }
    Ok(planned)
}

fn refused(reason: String) -> SchedulesFailure {
    SchedulesFailure::Refused(reason)
}
