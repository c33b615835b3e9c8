//! The door through which a run gets both sides of an account link.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::failure::Failure;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::kind::{Kind, Record};
use sync_core::port::Remote;
use sync_core::side::{PerSide, Side};

use crate::memory::AccountLink;

/// Opens both sides of an account link.
#[async_trait]
pub trait Connections: Send + Sync + std::fmt::Debug {
    /// Opens both sides. Makes as few calls as it can: none in an ordinary run, where the tokens kept are good.
    ///
    /// # Errors
    /// The side that could not be opened, and why.
    async fn open(&self, link: &AccountLink) -> Result<Box<dyn Opened>, (Side, Failure)>;

    /// Opens both sides for somebody who only looks: what is not there yet is not made on the way.
    ///
    /// # Errors
    /// As `open`.
    async fn open_to_look(&self, link: &AccountLink) -> Result<Box<dyn Opened>, (Side, Failure)> {
        self.open(link).await
    }
}

/// Both sides of an account link, open.
#[async_trait]
pub trait Opened: Send + Sync + std::fmt::Debug {
    /// Both sides' events; `None` where one of them has none.
    fn events(&self) -> Option<Sides<'_, EventRecord>>;
    /// Both sides' tasks; `None` where one of them has none.
    fn tasks(&self) -> Option<Sides<'_, TaskRecord>> {
        None
    }
    /// Both sides' contacts; `None` where one of them has none.
    fn contacts(&self) -> Option<Sides<'_, ContactRecord>> {
        None
    }
    /// How many requests were made so far.
    fn requests(&self) -> PerSide<u64>;
    /// What the next run shall be handed back.
    fn keepsakes(&self) -> Keepsakes;
}

/// Both sides' records of one kind.
pub type Sides<'a, R> = PerSide<&'a dyn Remote<R>>;

/// A kind of record that account links keep in step.
pub trait Kept: Record {
    /// Both sides' records of the kind; `None` where one of them has none.
    fn of(opened: &dyn Opened) -> Option<Sides<'_, Self>>;
}

impl Kept for EventRecord {
    fn of(opened: &dyn Opened) -> Option<Sides<'_, Self>> {
        opened.events()
    }
}

impl Kept for TaskRecord {
    fn of(opened: &dyn Opened) -> Option<Sides<'_, Self>> {
        opened.tasks()
    }
}

impl Kept for ContactRecord {
    fn of(opened: &dyn Opened) -> Option<Sides<'_, Self>> {
        opened.contacts()
    }
}

/// What one run leaves for the next one, to save it calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keepsakes {
    /// The access token for Google, sealed.
    pub google_access: Option<String>,
    /// Calls made to Google within the last minute, kind by kind: each has a quota of its own.
    pub google_recent: BTreeMap<Kind, (DateTime<Utc>, u32)>,
    /// The zone in which the CRM shows the user's all-day events.
    pub time_zone: Option<String>,
    /// The calendar of the sync's own, where the user wants one.
    pub own_calendar: Option<String>,
}
