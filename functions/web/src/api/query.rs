//! What may stand behind the question mark.

use axum::extract::FromRequestParts;
use data_encoding::HEXLOWER;
use http::request::Parts;
use url::form_urlencoded;

use super::shapes::PageShown;
use crate::messages;
use crate::problem::Problem;

/// Items of a page, where nothing else is asked for.
pub(super) const LIMIT_DEFAULT: usize = 50;
/// Most items of a page.
pub(super) const LIMIT_MAX: usize = 200;

/// Longest cursor: twice as many characters as the longest place has bytes. DynamoDB's keys have 1024 at most.
pub(super) const CURSOR_CHARACTERS_MAX: usize = 1600;

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
pub(super) fn page<T>(items: impl IntoIterator<Item = T>, next: Option<&str>) -> PageShown<T> {
    PageShown {
        items: items.into_iter().collect(),
        next_cursor: next.map(|cursor| HEXLOWER.encode(cursor.as_bytes())),
    }
}

/// Any cursor of the right form is a place to go on from, whether we have handed it out or not.
fn read_cursor(text: &str) -> Result<String, Problem> {
    let bytes = HEXLOWER
        .decode(text.as_bytes())
        .ok()
        .filter(|_| text.len() <= CURSOR_CHARACTERS_MAX);
    let bytes = bytes.ok_or_else(|| Problem::field("cursor", messages::CURSOR))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
