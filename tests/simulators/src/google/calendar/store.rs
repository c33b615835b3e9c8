//! Calendars and their events as Google keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::super::options::GoogleOptions;
use super::guests::Mail;
use super::moment::Moment;
use super::pages::Pages;
use super::quota::Quota;
use super::refusal::Refusal;
use super::series::Series;

/// What a user may do with a calendar, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Role {
    FreeBusyReader,
    Reader,
    WriterWithoutPrivateAccess,
    Writer,
    Owner,
}

impl Role {
    pub(in super::super) fn as_str(self) -> &'static str {
        match self {
            Role::FreeBusyReader => "freeBusyReader",
            Role::Reader => "reader",
            Role::WriterWithoutPrivateAccess => "writerWithoutPrivateAccess",
            Role::Writer => "writer",
            Role::Owner => "owner",
        }
    }

    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        [
            Role::FreeBusyReader,
            Role::Reader,
            Role::WriterWithoutPrivateAccess,
            Role::Writer,
            Role::Owner,
        ]
        .into_iter()
        .find(|role| role.as_str() == text)
    }
}

/// Everything the Calendar API knows.
#[derive(Debug)]
pub(in super::super) struct Calendars {
    pub(in super::super) mails: Vec<Mail>,
    pub(in super::super) quota: Quota,
    pub(super) all: BTreeMap<String, Calendar>,
    pub(super) subscriptions: BTreeMap<String, Subscriptions>,
    pub(super) pages: Pages,
    pub(super) habits: Habits,
    stamps: u64,
}

/// Freedoms that the API gives itself and that a caller must live with.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    pub(super) page_items_max: Option<usize>,
    pub(super) empty_page_after: Option<usize>,
    pub(super) sync_token_with_time_bounds: bool,
    pub(super) sync_token_lifetime: Option<Duration>,
}

/// One user's calendar list.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    pub(super) sequence: u64,
    pub(super) entries: BTreeMap<String, Subscription>,
}

/// One calendar on a user's list.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) sequence: u64,
    pub(super) etag: String,
    pub(super) deleted: bool,
}

/// One calendar.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) id: String,
    pub(super) fields: Map<String, Value>,
    pub(super) time_zone: Tz,
    pub(super) primary_of: Option<String>,
    pub(super) owner: String,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) events: BTreeMap<String, Stored>,
    /// Changed instances by their master and the moment they were to begin.
    pub(super) exceptions: BTreeMap<String, BTreeMap<Moment, String>>,
    /// Ids of events that are gone for good: they cannot be used again.
    pub(super) burnt: BTreeSet<String>,
    /// Which event changed last at which number.
    pub(super) changes: BTreeMap<u64, String>,
    pub(super) sequence: u64,
    /// Sync tokens of an earlier epoch are answered with 410.
    pub(super) epoch: u64,
    pub(super) etag: String,
    pub(super) updated: DateTime<Utc>,
}

/// One event: single, master, or changed instance.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) fields: Map<String, Value>,
    pub(super) sequence: u64,
    pub(super) etag: String,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    /// What its instances' ids begin with.
    pub(super) instance_prefix: String,
    /// Occurrences that it had once and has no more, with the number of the change that removed them.
    pub(super) lost: BTreeMap<Moment, u64>,
}

impl Stored {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    pub(super) fn cancelled(&self) -> bool {
        self.text("status") == Some("cancelled")
    }

    pub(super) fn master_id(&self) -> Option<&str> {
        self.text("recurringEventId")
    }

    pub(super) fn series(&self) -> Option<Series> {
        Series::read(&self.fields).ok().flatten()
    }
}

/// What an event id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Event(String),
    Instance { master: String, original: Moment },
}

impl Calendar {
    /// Whose organiser's address stands on what is created here.
    pub(super) fn organizer(&self) -> Value {
        let name = self
            .fields
            .get("summary")
            .cloned()
            .filter(|_| self.primary_of.is_none());
        let mut organizer = json!({ "email": self.id });
        if let (Some(name), Some(fields)) = (name, organizer.as_object_mut()) {
            fields.insert("displayName".to_owned(), name);
        }
        organizer
    }

    pub(super) fn find(&self, id: &str) -> Option<Found> {
        if self.events.contains_key(id) {
            return Some(Found::Event(id.to_owned()));
        }
        let (prefix, suffix) = id.rsplit_once('_')?;
        let original = Moment::from_suffix(suffix)?;
        // A series split off another keeps the other's prefix, so the prefix alone does not name the series.
        let master = self
            .events
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(_, stored)| stored.instance_prefix == prefix && !stored.cancelled())
            .find(|(_, stored)| stored.series().is_some_and(|series| series.begins_at(original)))?;
        Some(Found::Instance {
            master: master.0.clone(),
            original,
        })
    }

    /// The event behind a virtual instance.
    pub(super) fn instance(&self, master: &str, original: Moment) -> Option<Stored> {
        let stored = self.events.get(master)?;
        let series = stored.series()?;
        let mut fields = stored.fields.clone();
        fields.remove("recurrence");
        let zone = fields
            .get("start")
            .and_then(|start| start.get("timeZone"))
            .cloned();
        let point = |moment: Moment| {
            let mut value = match moment {
                Moment::Date(date) => json!({ "date": date.to_string() }),
                Moment::Time(at) => json!({ "dateTime": at.format("%Y-%m-%dT%H:%M:%SZ").to_string() }),
            };
            if let (Some(zone), Some(value)) = (&zone, value.as_object_mut()) {
                value.insert("timeZone".to_owned(), zone.clone());
            }
            value
        };
        fields.insert(
            "id".to_owned(),
            json!(format!("{}_{}", stored.instance_prefix, original.suffix())),
        );
        fields.insert("start".to_owned(), point(original));
        fields.insert("end".to_owned(), point(original.plus(series.length)));
        fields.insert("originalStartTime".to_owned(), point(original));
        fields.insert("recurringEventId".to_owned(), json!(master));
        Some(Stored {
            fields,
            instance_prefix: String::new(),
            lost: BTreeMap::new(),
            ..stored.clone()
        })
    }
}

impl Calendars {
    pub(in super::super) fn new(options: &GoogleOptions, now: DateTime<Utc>) -> Self {
        let mut calendars = Self {
            mails: Vec::new(),
            quota: Quota::new(options.quota_per_minute),
            all: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            pages: Pages::default(),
            habits: Habits {
                page_items_max: options.page_items_max,
                empty_page_after: options.empty_page_after,
                sync_token_with_time_bounds: options.sync_token_with_time_bounds,
                sync_token_lifetime: options.sync_token_lifetime,
            },
            stamps: 1_700_000_000_000 + options.seed % 1_000,
        };
        // A public calendar whose id needs encoding in a path, as Google's holiday calendars do.
        let holidays = "en.simulated#holiday@group.v.calendar.google.com";
        calendars.add_calendar(holidays, "Holidays", Tz::UTC, "holidays@example.com", now);
        for account in &options.accounts {
            calendars.add_calendar(
                &account.email,
                &account.email,
                account.time_zone,
                &account.email,
                now,
            );
            if let Some(calendar) = calendars.all.get_mut(&account.email) {
                calendar.primary_of = Some(account.email.clone());
            }
            calendars.share(holidays, &account.email, Some(Role::Reader));
        }
        calendars
    }

    pub(super) fn add_calendar(
        &mut self,
        id: &str,
        summary: &str,
        zone: Tz,
        owner: &str,
        now: DateTime<Utc>,
    ) {
        let etag = self.stamp();
        let fields = Map::from_iter([("summary".to_owned(), json!(summary))]);
        let calendar = Calendar {
            id: id.to_owned(),
            fields,
            time_zone: zone,
            primary_of: None,
            owner: owner.to_owned(),
            roles: BTreeMap::new(),
            events: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            burnt: BTreeSet::new(),
            changes: BTreeMap::new(),
            sequence: 0,
            epoch: 0,
            etag,
            updated: now,
        };
        self.all.insert(id.to_owned(), calendar);
        self.share(id, owner, Some(Role::Owner));
    }

    /// Gives or takes a role. Either way the calendar's sync tokens are refused from now on.
    pub(in super::super) fn share(&mut self, id: &str, account: &str, role: Option<Role>) {
        let etag = self.stamp();
        let Some(calendar) = self.all.get_mut(id) else {
            return;
        };
        match role {
            Some(role) => calendar.roles.insert(account.to_owned(), role),
            None => calendar.roles.remove(account),
        };
        calendar.epoch += 1;
        let list = self.subscriptions.entry(account.to_owned()).or_default();
        list.sequence += 1;
        let entry = Subscription {
            sequence: list.sequence,
            etag,
            deleted: role.is_none(),
        };
        list.entries.insert(id.to_owned(), entry);
    }

    /// A stamp never given before, in the shape of Google's etags.
    pub(super) fn stamp(&mut self) -> String {
        self.stamps += 2;
        format!("\"{}000\"", self.stamps)
    }

    /// The calendar as the account may see it, `primary` resolved.
    pub(super) fn reach(&self, id: &str, account: &str) -> Result<(&Calendar, Role), Refusal> {
        let id = if id == "primary" { account } else { id };
        let calendar = self.all.get(id).ok_or_else(Refusal::not_found)?;
        let role = calendar
            .roles
            .get(account)
            .copied()
            .ok_or_else(Refusal::not_found)?;
        Ok((calendar, role))
    }

    /// Keeps an event and numbers the change.
    pub(super) fn keep(&mut self, calendar_id: &str, event: Stored, now: DateTime<Utc>) -> Option<Stored> {
        let etag = self.stamp();
        let calendar = self.all.get_mut(calendar_id)?;
        let id = event.text("id")?.to_owned();
        calendar.sequence += 1;
        calendar.updated = now;
        let sequence = calendar.sequence;
        if let Some(before) = calendar.events.get(&id) {
            calendar.changes.remove(&before.sequence);
        }
        calendar.changes.insert(sequence, id.clone());
        let mut event = Stored {
            sequence,
            etag,
            ..event
        };
        if let Some(before) = calendar.events.get(&id) {
            event.lost = lost(before, &event, sequence, now);
        }
        if let Some(master) = event.master_id() {
            let original = super::moment::parse(event.fields.get("originalStartTime"), "original start");
            if let Ok(original) = original {
                let known = calendar.exceptions.entry(master.to_owned()).or_default();
                known.insert(original.moment, id.clone());
            }
        }
        calendar.events.insert(id, event.clone());
        Some(event)
    }

    pub(in super::super) fn expire_sync_tokens(&mut self) {
        for calendar in self.all.values_mut() {
            calendar.epoch += 1;
        }
    }

    pub(in super::super) fn purge_tombstones(&mut self) {
        for calendar in self.all.values_mut() {
            let living: BTreeSet<String> = calendar
                .events
                .iter()
                .filter(|(_, event)| !event.cancelled())
                .map(|(id, _)| id.clone())
                .collect();
            // Cancelled instances of a living series are its state, and stay.
            let dead = calendar.events.extract_if(.., |_, event| {
                event.cancelled() && !event.master_id().is_some_and(|master| living.contains(master))
            });
            for (id, event) in dead {
                calendar.changes.remove(&event.sequence);
                calendar.exceptions.remove(&id);
                calendar.burnt.insert(id);
            }
        }
    }

    pub(in super::super) fn snapshot(&self) -> Value {
        let calendars = self.all.iter().map(|(id, calendar)| {
            let events = calendar.events.iter().map(|(id, event)| {
                let mut fields = event.fields.clone();
                fields.insert("etag".to_owned(), json!(event.etag));
                fields.insert("updated".to_owned(), json!(super::show::stamp(event.updated)));
                (id.clone(), Value::Object(fields))
            });
            (id.clone(), Value::Object(events.collect()))
        });
        Value::Object(calendars.collect())
    }
}

/// The occurrences that a change took away, added to those lost before. Followed two years ahead.
fn lost(before: &Stored, after: &Stored, sequence: u64, now: DateTime<Utc>) -> BTreeMap<Moment, u64> {
    let until = now + TimeDelta::days(730);
    let beginnings = |event: &Stored| {
        let series = if event.cancelled() { None } else { event.series() };
        series.map(|series| series.beginnings(until)).unwrap_or_default()
    };
    let left = beginnings(after);
    let mut lost = before.lost.clone();
    lost.extend(beginnings(before).into_iter().map(|moment| (moment, sequence)));
    lost.retain(|moment, _| !left.contains(moment));
    lost
}
