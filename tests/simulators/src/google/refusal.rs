//! Refusals in Google's error shape.
//!
//! # Source
//! developers.google.com/workspace/calendar/api/guides/errors

use std::fmt;

use serde_json::{Value, json};

use crate::front::Answer;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    reason: &'static str,
    message: String,
    domain: &'static str,
    location: Option<(&'static str, String)>,
    refused_for_quota: bool,
}

impl Refusal {
    pub(super) fn new(status: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            reason,
            message: message.into(),
            domain: "global",
            location: None,
            refused_for_quota: false,
        }
    }

    /// 400 `invalid`.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid", message)
    }

    /// 400 `required`.
    pub(super) fn required(message: impl Into<String>) -> Self {
        Self::new(400, "required", message)
    }

    /// 404, also where the user may not know that the thing exists.
    pub(super) fn not_found() -> Self {
        Self::new(404, "notFound", "Not Found")
    }

    pub(super) fn at_parameter(mut self, name: &str) -> Self {
        self.location = Some(("parameter", name.to_owned()));
        self
    }

    pub(super) fn at_header(mut self, name: &str) -> Self {
        self.location = Some(("header", name.to_owned()));
        self
    }

    pub(super) fn in_domain(mut self, domain: &'static str) -> Self {
        self.domain = domain;
        self
    }

    pub(super) fn for_quota(mut self) -> Self {
        self.refused_for_quota = true;
        self.in_domain("usageLimits")
    }

    /// The status that a program would be answered with.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Google's word for the reason.
    pub fn reason(&self) -> &str {
        self.reason
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status, self.reason, self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut entry = json!({
            "domain": refusal.domain, "reason": refusal.reason, "message": refusal.message,
        });
        if let (Some((kind, name)), Some(entry)) = (&refusal.location, entry.as_object_mut()) {
            entry.insert("locationType".to_owned(), json!(kind));
            entry.insert("location".to_owned(), json!(name));
        }
        let errors = Value::Array(vec![entry]);
        let body =
            json!({ "error": { "errors": errors, "code": refusal.status, "message": refusal.message } });
        let mut answer = Answer::json(refusal.status, &body);
        if refusal.status == 401 {
            answer = answer.with_header(
                "www-authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            );
        }
        if refusal.refused_for_quota {
            answer.into_refusal()
        } else {
            answer
        }
    }
}
