//! `people.connections.list`: whole lists, deltas, pages.
//!
//! # Source
//! Discovery `people.connections.list`; gbrain #5127 for the expiry.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::super::opaque::{seal, unseal};
use super::refusal::{Denial, Denied};
use super::show::{View, person};
use super::store::{AddressBooks, Book};
use crate::front::Request;

/// The page size where none is asked for, and the greatest.
const PAGE_ITEMS: i64 = 100;
const PAGE_ITEMS_MAX: i64 = 1000;
/// Days that a sync token is good, counted from the whole list it goes back to.
const TOKEN_DAYS: i64 = 7;
/// This many listings are remembered for their page tokens.
const LISTINGS_MAX: usize = 64;

/// A list as it was when its first page was asked for.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    /// Names and the numbers of their versions.
    rows: Vec<(String, u64)>,
    shape: String,
    delta: bool,
    sync_token: Option<String>,
}

/// What a sync token says.
struct Point {
    sequence: u64,
    epoch: u64,
    whole: DateTime<Utc>,
    shape: String,
}

pub(super) fn connections(
    people: &mut AddressBooks,
    account: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let view = View::of(request, "list")?;
    let size = match request.parameter("pageSize").map(str::parse::<i64>) {
        None | Some(Ok(0)) => PAGE_ITEMS,
        Some(Ok(size)) if (1..=PAGE_ITEMS_MAX).contains(&size) => size,
        Some(_) => return Err(Denial::invalid("Page size must be between 1 and 1000.")),
    };
    let shape = shape(request);
    let (number, position, page) = match request.parameter("pageToken") {
        Some(token) => {
            let rubbish = || Denial::invalid("Invalid page token.");
            let value = unseal(token).ok_or_else(rubbish)?;
            let at = |name: &str| value.get(name).and_then(Value::as_u64).ok_or_else(rubbish);
            let place = |name: &str| at(name).and_then(|at| usize::try_from(at).map_err(|_| rubbish()));
            (at("l")?, place("p")?, place("n")?)
        }
        None => (open(people, account, request, shape.clone(), now)?, 0, 1),
    };
    let most = people.page_items_max.unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(most);
    let empty = people
        .empty_page_after
        .is_some_and(|after| page % (after + 1) == 0);
    let empty_pages = people.empty_page_after.is_some();
    let book = people.book(account)?;
    let listing = book
        .listings
        .get(&number)
        .filter(|listing| listing.shape == shape)
        .ok_or_else(|| Denial::invalid("Page token belongs to a request with other parameters."))?;
    let taken: Vec<&(String, u64)> = if empty {
        Vec::new()
    } else {
        listing.rows.iter().skip(position).take(size).collect()
    };
    let next = position + taken.len();
    let items: Vec<Value> = taken
        .iter()
        .filter_map(|(name, sequence)| row(book, name, *sequence, &view, listing.delta))
        .collect();
    let mut body = Map::new();
    if !items.is_empty() {
        // A quiet list has no such key at all.
        body.insert("connections".to_owned(), Value::Array(items));
    }
    if !listing.delta {
        body.insert("totalItems".to_owned(), json!(listing.rows.len()));
        body.insert("totalPeople".to_owned(), json!(listing.rows.len()));
    }
    if next < listing.rows.len() || (empty_pages && !taken.is_empty()) {
        let follow = seal(&json!({ "l": number, "p": next, "n": page + 1 }));
        body.insert("nextPageToken".to_owned(), json!(follow));
    } else if let Some(token) = &listing.sync_token {
        body.insert("nextSyncToken".to_owned(), json!(token));
    }
    Ok(Value::Object(body))
}

fn row(book: &Book, name: &str, sequence: u64, view: &View, delta: bool) -> Option<Value> {
    let stored = book.people.get(name)?;
    let version = stored
        .versions
        .iter()
        .find(|version| version.sequence == sequence)?;
    let mut shown = person(book, name, version, view);
    let former: Vec<Value> = book
        .renamed
        .iter()
        .filter(|(_, now)| *now == name)
        .map(|(former, _)| json!(format!("people/{former}")))
        .collect();
    // Told in deltas only.
    if let (true, false, Some(metadata)) = (delta, former.is_empty(), shown.get_mut("metadata")) {
        metadata
            .as_object_mut()?
            .insert("previousResourceNames".to_owned(), Value::Array(former));
    }
    Some(shown)
}

/// Takes the list as the propagation delay lets it be seen, and remembers it for its pages.
fn open(
    people: &mut AddressBooks,
    account: &str,
    request: &Request,
    shape: String,
    now: DateTime<Utc>,
) -> Denied<u64> {
    let seen_at = now - people.list_delay;
    let since = match request.parameter("syncToken") {
        None => None,
        Some(token) => Some(resume(people.book(account)?, token, request, now)?),
    };
    if since.is_none() {
        people.count_first_page(account, now)?;
    }
    let book = people.book_mut(account)?;
    let mut latest = 0;
    let mut rows = BTreeMap::new();
    for (name, stored) in &book.people {
        let Some(version) = stored.then(seen_at) else {
            continue;
        };
        latest = latest.max(version.sequence);
        let wanted = match &since {
            None => version.fields.is_some() && !book.renamed.contains_key(name),
            Some(point) => version.sequence > point.sequence && !book.renamed.contains_key(name),
        };
        if wanted {
            rows.insert(version.sequence, name.clone());
        }
    }
    let gives_token = request.parameter("requestSyncToken") == Some("true");
    let sequence = latest.max(since.as_ref().map_or(0, |point| point.sequence));
    let sync_token = gives_token.then(|| {
        // The days are counted from the whole list, however many deltas have been read since.
        let whole = since.as_ref().map_or(now, |point| point.whole);
        seal(&json!({ "s": sequence, "e": book.epoch, "w": whole.timestamp_millis(), "q": sync_shape(request) }))
    });
    let number = book.listings.last_key_value().map_or(1, |(last, _)| last + 1);
    let listing = Listing {
        rows: rows
            .into_iter()
            .map(|(sequence, name)| (name, sequence))
            .collect(),
        shape,
        delta: since.is_some(),
        sync_token,
    };
    book.listings.insert(number, listing);
    while book.listings.len() > LISTINGS_MAX {
        book.listings.pop_first();
    }
    Ok(number)
}

fn resume(book: &Book, token: &str, request: &Request, now: DateTime<Utc>) -> Denied<Point> {
    let point = unseal(token)
        .and_then(|value| {
            Some(Point {
                sequence: value.get("s")?.as_u64()?,
                epoch: value.get("e")?.as_u64()?,
                whole: DateTime::from_timestamp_millis(value.get("w")?.as_i64()?)?,
                shape: value.get("q")?.as_str()?.to_owned(),
            })
        })
        .ok_or_else(|| Denial::invalid("Invalid sync token."))?;
    if point.epoch != book.epoch || now.signed_duration_since(point.whole) > TimeDelta::days(TOKEN_DAYS) {
        return Err(Denial::expired());
    }
    if point.shape != sync_shape(request) {
        return Err(Denial::invalid(
            "Sync token does not match the request parameters of the request that gave it.",
        ));
    }
    Ok(point)
}

/// Every parameter but the page token: pages must be asked for with the same.
fn shape(request: &Request) -> String {
    pairs(request, &["pageToken", "fields", "prettyPrint", "alt"])
}

/// Every parameter but both tokens: deltas must be asked for as the whole list was.
fn sync_shape(request: &Request) -> String {
    pairs(
        request,
        &["pageToken", "syncToken", "fields", "prettyPrint", "alt"],
    )
}

fn pairs(request: &Request, without: &[&str]) -> String {
    let mut pairs: Vec<String> = request
        .query
        .iter()
        .filter(|(name, _)| !without.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    pairs.join("&")
}
