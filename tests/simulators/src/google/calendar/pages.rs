//! Page tokens and sync tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::opaque::{seal, unseal};
use super::moment::Moment;
use super::refusal::Refusal;

/// This many listings are remembered for their page tokens; older ones are refused.
const LISTINGS_MAX: usize = 64;

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    Event(String),
    Instance {
        master: String,
        original: Moment,
    },
    /// An occurrence that a delta must call cancelled.
    Lost {
        master: String,
        original: Moment,
    },
}

/// A list as it was when its first page was asked for. What changes meanwhile comes with the next delta.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) calendar: String,
    pub(super) rows: Arc<Vec<Row>>,
    /// All parameters that shape the list; a page token is good only with the same.
    pub(super) shape: String,
    pub(super) delta: bool,
    pub(super) show_deleted: bool,
    /// The sync token that the last page gives, if the list gives one.
    pub(super) sync_token: Option<String>,
}

/// Where a page token goes on.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) listing: Listing,
    pub(super) position: usize,
    pub(super) number: usize,
}

/// The page tokens that are good.
#[derive(Debug, Default)]
pub(super) struct Pages {
    made: u64,
    listings: BTreeMap<u64, Listing>,
}

impl Pages {
    /// Remembers a listing.
    pub(super) fn open(&mut self, listing: Listing) -> u64 {
        self.made += 1;
        self.listings.insert(self.made, listing);
        while self.listings.len() > LISTINGS_MAX {
            self.listings.pop_first();
        }
        self.made
    }

    pub(super) fn token(listing: u64, position: usize, number: usize) -> String {
        seal(&json!({ "l": listing, "p": position, "n": number }))
    }

    pub(super) fn resume(&self, token: &str) -> Result<(u64, Page), Refusal> {
        let refusal = || Refusal::invalid("Invalid page token value.").at_parameter("pageToken");
        let value = unseal(token).ok_or_else(refusal)?;
        let number = |name: &str| value.get(name).and_then(Value::as_u64).ok_or_else(refusal);
        let listing = number("l")?;
        let page = Page {
            listing: self.listings.get(&listing).cloned().ok_or_else(refusal)?,
            position: usize::try_from(number("p")?).map_err(|_| refusal())?,
            number: usize::try_from(number("n")?).map_err(|_| refusal())?,
        };
        Ok((listing, page))
    }
}

/// What a sync token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyncPoint {
    pub(super) calendar: String,
    pub(super) sequence: u64,
    pub(super) epoch: u64,
    pub(super) shape: String,
    pub(super) issued: DateTime<Utc>,
}

impl SyncPoint {
    pub(super) fn seal(&self) -> String {
        seal(&json!({
            "c": self.calendar, "s": self.sequence, "e": self.epoch, "q": self.shape, "t": self.issued.timestamp(),
        }))
    }

    /// Rubbish is 400; only what once was a token can be 410.
    pub(super) fn unseal(token: &str) -> Result<Self, Refusal> {
        let refusal = || Refusal::invalid("Invalid sync token value.").at_parameter("syncToken");
        let value = unseal(token).ok_or_else(refusal)?;
        let number = |name: &str| value.get(name).and_then(Value::as_u64).ok_or_else(refusal);
        let text = |name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(refusal)
        };
        let issued = value.get("t").and_then(Value::as_i64).ok_or_else(refusal)?;
        Ok(Self {
            calendar: text("c")?,
            sequence: number("s")?,
            epoch: number("e")?,
            shape: text("q")?,
            issued: DateTime::from_timestamp(issued, 0).ok_or_else(refusal)?,
        })
    }
}
