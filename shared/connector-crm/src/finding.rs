//! How checks of a set-up say what they found.

use sync_core::failure::Failure;

use crate::crm::{Finding, Level};

/// Something is as it should be.
pub(crate) fn ok(code: &'static str, message: String) -> Finding {
    Finding {
        field: None,
        level: Level::Ok,
        code,
        message,
    }
}

/// Something was found, perhaps in a field of the registration.
pub(crate) fn finding(field: Option<&str>, level: Level, code: &'static str, message: &str) -> Finding {
    Finding {
        field: field.map(str::to_owned),
        level,
        code,
        message: message.to_owned(),
    }
}

/// Something could not be looked at.
pub(crate) fn failed(what: &str, cause: impl Into<Failure>) -> Finding {
    let failure = cause.into();
    finding(
        None,
        Level::Error,
        failure.code,
        &format!("{what}: {}.", failure.message),
    )
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}
