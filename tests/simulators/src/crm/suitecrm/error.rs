//! Refusals of the V8 API: 400 for everything, told apart by their text alone.
//!
//! # Source
//! Field guide, section 2.

use serde_json::{Value, json};

use crate::front::Answer;

/// Why the API refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    status: u16,
    detail: String,
    /// The bare message that follows the JSON of an SQL failure.
    trailer: &'static str,
}

const DATABASE_FAILURE: &str = "Database failure. Please refer to suitecrm.log for details.";

impl Refused {
    pub(super) fn new(detail: impl Into<String>) -> Self {
        Self {
            status: 400,
            detail: detail.into(),
            trailer: "",
        }
    }

    /// Absent or deleted: the API does not tell which.
    pub(super) fn not_found(module: &str, id: &str) -> Self {
        Self::new(format!("{module} module with id {id} is not found"))
    }

    pub(super) fn access_denied() -> Self {
        Self::new("[SuiteCRM] [AccessDeniedException] ")
    }

    pub(super) fn property(name: &str, module: &str) -> Self {
        Self::new(format!("Property {name} in {module} module is invalid"))
    }

    pub(super) fn option(name: &str, value: &str) -> Self {
        Self::new(format!(
            "The option \"{name}\" with value \"{value}\" is invalid."
        ))
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::new(format!("The required option \"{name}\" is missing."))
    }

    pub(super) fn database() -> Self {
        Self {
            trailer: DATABASE_FAILURE,
            ..Self::new(DATABASE_FAILURE)
        }
    }

    pub(super) fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<Refused> for Answer {
    fn from(refused: Refused) -> Self {
        let body = json!({ "errors": { "status": refused.status, "title": null, "detail": refused.detail } });
        Answer::new(refused.status, MEDIA_TYPE, format!("{body}{}", refused.trailer))
            .with_header("access-control-allow-origin", "*")
    }
}

/// What V8 answers are declared as.
pub(super) const MEDIA_TYPE: &str = "application/vnd.api+json";

/// A V8 answer.
pub(super) fn document(status: u16, body: &Value) -> Answer {
    Answer::new(status, MEDIA_TYPE, body.to_string()).with_header("access-control-allow-origin", "*")
}

/// PHP's own failure, trace and all.
pub(super) fn php_failure(status: u16) -> Answer {
    let body = json!({
        "message": "Slim Application Error",
        "error": [{
            "type": "TypeError", "code": 0, "message": "Unsupported operand types: string + int",
            "file": "/var/www/html/modules/Meetings/Meeting.php", "line": 1234,
            "trace": ["#0 /var/www/html/Api/V8/Service/ModuleService.php(300): SugarBean->save()"],
        }],
    });
    Answer::new(status, "application/json", body.to_string())
}

/// A known path with the wrong verb.
pub(super) fn method_not_allowed(allowed: &str) -> Answer {
    let body = json!({ "message": format!("Method not allowed. Must be one of: {allowed}") });
    Answer::new(405, "application/json", body.to_string()).with_header("allow", allowed)
}
