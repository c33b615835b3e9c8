//! Events, as people have them in Google Calendar.

use serde_json::{Value, json};
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;
use sync_core::policy::Description;
use sync_core::port::Remote;
use sync_engine::contract::remote::{Sample, Whose};

use super::{Account, BEN, Kept};
use crate::calendar::{CALENDAR_CONCURRENCY, GoogleCalendar, GoogleCalendarConfig};
use crate::scripted::{lane, link};

const PRIMARY: &str = "primary";

impl Kept for EventRecord {
    const CARRIED: &'static [&'static str] =
        &["summary", "description", "location", "start", "end", "visibility"];
    const ITS_OWN: &'static [&'static str] = &["etag", "updated", "sequence"];
    const NAMED_BY_US: bool = true;

    fn door(account: &Account) -> Box<dyn Remote<Self>> {
        Box::new(GoogleCalendar::new(GoogleCalendarConfig {
            endpoints: account.endpoints.clone(),
            link: link(),
            calendars: vec![PRIMARY.to_owned()],
            target_calendar: PRIMARY.to_owned(),
            description: Description::Text,
            lane: lane(CALENDAR_CONCURRENCY),
            tokens: account.tokens(),
        }))
    }

    fn make(account: &Account, whose: Whose, name: &str) -> RemoteId {
        let record = Self::sample(name);
        let start = record.when.starts_at();
        let made = account
            .person(whose)
            .create_timed(PRIMARY, name, start, start + record.when.length());
        RemoteId::new(PRIMARY, made.unwrap())
    }

    fn rename(account: &Account, id: &RemoteId, name: &str) {
        let patch = json!({ "summary": name });
        account.anna().edit(PRIMARY, &id.id, &patch).unwrap();
    }

    fn adorn(account: &Account, id: &RemoteId) {
        let patch = json!({
            "attendees": [{ "email": BEN }, { "email": "guest@example.com" }],
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 7 }] },
            "colorId": "5", "transparency": "transparent", "guestsCanModify": true,
            "extendedProperties": { "private": { "other": "1" }, "shared": { "both": "2" } },
        });
        account.anna().edit(PRIMARY, &id.id, &patch).unwrap();
    }

    fn delete(account: &Account, id: &RemoteId) {
        account.anna().delete(PRIMARY, &id.id).unwrap();
    }

    fn seed(account: &Account, count: usize) {
        account.sim.seed_events(super::ANNA, count);
    }

    fn living(account: &Account) -> usize {
        account.anna().events(PRIMARY).len()
    }

    fn row(account: &Account, id: &RemoteId) -> Option<Value> {
        let look = |whose| account.person(whose).event(PRIMARY, &id.id);
        look(Whose::Theirs)
            .or_else(|| look(Whose::SomebodyElses))
            .filter(|event| event["status"] != "cancelled")
    }
}
