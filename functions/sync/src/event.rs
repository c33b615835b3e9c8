//! What the function is started with.

use serde_json::Value;
use sync_core::id::AccountLinkId;
use sync_core::port::Trigger;
use sync_engine::run::RunRequest;

/// Longest name of a user or a run: it becomes part of a key in the store.
const NAME_BYTES_MAX: usize = 400;
/// Longest slug of a CRM.
const SLUG_BYTES_MAX: usize = 40;

/// `{"crm","user"}`, and perhaps `trigger` and `run_id`. Other fields mean nothing here and are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncEvent {
    /// The account link.
    pub link: AccountLinkId,
    /// What started the run; the account link's own schedule where the event does not say.
    pub trigger: Trigger,
    /// The name under which the run was promised to somebody.
    pub run_id: Option<String>,
}

/// The event names no account link. Shows no value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event cannot be used: `{field}` {problem}")]
pub struct BadEvent {
    /// The field at fault.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl From<BadEvent> for lambda_runtime::Diagnostic {
    fn from(event: BadEvent) -> Self {
        Self {
            error_type: "BadEvent".to_owned(),
            error_message: event.to_string(),
        }
    }
}

impl SyncEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// The first field that is missing or wrong.
    pub fn read(event: &Value) -> Result<Self, BadEvent> {
        let crm = name(event, "crm", SLUG_BYTES_MAX)?.ok_or(BadEvent {
            field: "crm",
            problem: "is missing",
        })?;
        if !crm
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Err(BadEvent {
                field: "crm",
                problem: "must be made of a-z, 0-9 and -",
            });
        }
        let user = name(event, "user", NAME_BYTES_MAX)?.ok_or(BadEvent {
            field: "user",
            problem: "is missing",
        })?;
        let run_id = name(event, "run_id", NAME_BYTES_MAX)?;
        let trigger = match event.get("trigger") {
            None | Some(Value::Null) => Trigger::Schedule,
            Some(given) => serde_json::from_value(given.clone()).map_err(|_| BadEvent {
                field: "trigger",
                problem: "must be schedule, manual, google_push, crm_hook or continuation",
            })?,
        };
        Ok(Self {
            link: AccountLinkId { crm, user },
            trigger,
            run_id,
        })
    }

    /// What the engine is asked for.
    pub fn into_request(self) -> RunRequest {
        RunRequest {
            link: self.link,
            trigger: self.trigger,
            run_id: self.run_id,
        }
    }
}

fn name(event: &Value, field: &'static str, bytes_max: usize) -> Result<Option<String>, BadEvent> {
    match event.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Err(BadEvent {
            field,
            problem: "is empty",
        }),
        Some(Value::String(text)) if text.len() > bytes_max => Err(BadEvent {
            field,
            problem: "is too long",
        }),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(BadEvent {
            field,
            problem: "must be a string",
        }),
    }
}
