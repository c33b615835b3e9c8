//! What may stand behind the question mark.

use axum::extract::FromRequestParts;
use data_encoding::BASE64URL_NOPAD;
use http::request::Parts;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::messages;
use crate::problem::Problem;

/// Items of a page, where nothing else is asked for.
const LIMIT_DEFAULT: usize = 50;
/// Most items of a page.
const LIMIT_MAX: usize = 200;

/// `?cursor=&limit=`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// Where to go on, as the store calls it.
    pub(super) cursor: Option<String>,
    pub(super) limit: usize,
}

/// `?wait=true`.
#[derive(Debug)]
pub(super) struct Wait(pub(super) bool);

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let limit = match value_of(parts, "limit") {
            None => LIMIT_DEFAULT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| Problem::field("limit", messages::LIMIT))?,
        };
        let cursor = value_of(parts, "cursor")
            .map(|text| read_cursor(&text))
            .transpose()?;
        Ok(Self { cursor, limit })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Wait {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match value_of(parts, "wait").as_deref() {
            None | Some("false" | "0") => Ok(Self(false)),
            Some("true" | "1") => Ok(Self(true)),
            Some(_) => Err(Problem::field("wait", messages::WAIT)),
        }
    }
}

/// A page as it is answered. Cursors are wrapped, so that they survive in an address as they are.
pub(super) fn page(items: &[Value], next: Option<&str>) -> Value {
    json!({ "items": items, "next_cursor": next.map(|cursor| BASE64URL_NOPAD.encode(cursor.as_bytes())) })
}

fn read_cursor(text: &str) -> Result<String, Problem> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Problem::field("cursor", messages::CURSOR))
}

/// The first value of that name; an empty one counts as none.
fn value_of(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}
