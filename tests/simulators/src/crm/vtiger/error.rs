//! How the web service words success, refusals and its own failures.

use serde_json::{Value, json};

use crate::front::Answer;

/// Why a request was not carried out, or not answered properly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// A code and a message, with status 200.
    Code(&'static str, String),
    /// PHP gave up: 500 with nothing.
    Fatal,
    /// An SQL failure is dumped as a web page, with status 200.
    Dump,
    /// The owner does not exist: plain text, with status 200.
    RestrictedFile,
}

impl Refused {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self::Code(code, message.into())
    }

    /// Deleted, never there and forbidden: all the same.
    pub(super) fn denied() -> Self {
        Self::new(
            "ACCESS_DENIED",
            "Permission to perform the operation is denied for id",
        )
    }

    /// Something failed inside.
    pub(super) fn internal() -> Self {
        Self::new("INTERNAL_SERVER_ERROR", "Unknown Error while processing request")
    }
}

/// An answer of success.
pub(super) fn success(result: &Value) -> Answer {
    envelope(true, "result", result)
}

/// `success` comes first, always.
fn envelope(success: bool, name: &str, content: &Value) -> Answer {
    let body = format!("{{\"success\":{success},\"{name}\":{content}}}");
    Answer::new(200, "application/json; charset=UTF-8", body)
}

/// The answer to what was refused.
pub(super) fn answer(refused: Refused) -> Answer {
    match refused {
        Refused::Code(code, message) => {
            envelope(false, "error", &json!({ "code": code, "message": message }))
        }
        Refused::Fatal => Answer::empty(500),
        Refused::Dump => Answer::html(
            200,
            "<pre>array (\n  0 => 'Incorrect DATE value',\n  'query' => 'INSERT INTO vtiger_activity',\n)</pre>",
        ),
        Refused::RestrictedFile => Answer::html(200, "Sorry! Attempt to access restricted file."),
    }
}
