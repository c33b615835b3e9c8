//! Events: meetings, calls, and whatever other types the site has.

mod convert;

use async_trait::async_trait;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Window};
use sync_core::failure::Failure;
use sync_core::kind::event::{EventField, EventLimits, EventRecord, StandIns};
use url::Url;

use super::activity::{self, CONTACTS};
use super::call::Api;
use super::door::Door;
use super::login::{InvitedUsers, Session};
use super::shape::{Shape, Unreadable};
use super::site::{Described, Site};
use super::text::SUBJECT_CHARS;
use super::wire::{Module, Row, WireId};
pub(super) use convert::{PRIVATE, Span, YEARS, point};
#[cfg(test)]
pub(super) use convert::{columns, observed};

/// The length of an event's place; longer ones are cut in silence.
///
/// # Source
/// Measured on 8.2.0 and 8.4.0; `schema/DatabaseSchema.xml`.
const LOCATION_CHARS: usize = 150;
/// The type that a copy gets.
const MEETING: &str = "Meeting";
/// The status that a copy gets.
const PLANNED: &str = "Planned";
/// The subject that Vtiger's own Google connector gives to an event without a title.
///
/// # Source
/// `modules/Google/connectors/Calendar.php` of Vtiger 7 and 8.
const BUILT_IN_UNTITLED: &str = "Google Event";

/// The events of one user.
#[derive(Debug)]
pub(crate) struct Events {
    /// The zone in which the user's days begin.
    pub(crate) zone: Tz,
}

#[async_trait]
impl Shape for Events {
    type Record = EventRecord;

    const MODULE: Module = Module::Events;
    const TWIN: Option<Module> = Some(Module::Calendar);
    // `contact_id` is not among them: it turns one event into as many rows as it has contacts.
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "subject",
        "date_start",
        "time_start",
        "due_date",
        "time_end",
        "location",
        "description",
        "visibility",
        "eventstatus",
        "activitytype",
        "recurringtype",
        "reminder_time",
        "modifiedtime",
        "modifiedby",
        "assigned_user_id",
        "source",
    ];
    const NEEDED: &'static [&'static str] = &[
        "id",
        "subject",
        "date_start",
        "time_start",
        "due_date",
        "time_end",
        "modifiedtime",
        "assigned_user_id",
    ];
    const TEXTS: &'static [&'static str] = &["subject", "description", "location"];

    fn limits(&self, site: &Site) -> EventLimits {
        EventLimits {
            title_chars: Some(SUBJECT_CHARS),
            location_chars: Some(LOCATION_CHARS),
            description_bytes: None,
            has_location: site.has("location"),
            has_private: site.has("visibility"),
            stand_ins: Some(StandIns {
                zone: self.zone,
                untitled: BUILT_IN_UNTITLED.to_owned(),
            }),
            has_rules: false,
            four_byte_characters: site.four_byte_characters,
            time_step_seconds: 1,
        }
    }

    fn learn(&self, site: &mut Site, described: &Described) {
        // The administrator may have renamed the rows of both lists.
        site.choose(described, "activitytype", MEETING, |value| !is_call(value));
        site.choose(described, "eventstatus", PLANNED, |_| true);
        if described.field(CONTACTS).is_none() {
            site.lacks(CONTACTS);
        }
    }

    fn first_day(&self, window: Window) -> Option<NaiveDate> {
        Some(day_before(window.from))
    }

    fn observed(&self, row: &Row, _site: &Site, base_url: &Url) -> Result<Observed<EventRecord>, Unreadable> {
        convert::observed(row, self.zone, base_url)
    }

    fn values(
        &self,
        record: &EventRecord,
        fields: &[EventField],
        before: Option<&Row>,
        door: &Door<Self>,
    ) -> Result<Map<String, Value>, Failure> {
        // An event at no time or at a wrong one helps nobody, whatever else is written of it.
        if before.is_none() && Span::of(&record.when, self.zone).is_none() {
            return Err(time_unfit());
        }
        convert::columns(record, fields, &door.site(), self.zone).ok_or_else(time_unfit)
    }

    fn for_copy(&self, site: &Site) -> Vec<(&'static str, String)> {
        vec![
            // Without it the record would have no type at all.
            ("activitytype", site.choice("activitytype", MEETING)),
            ("eventstatus", site.choice("eventstatus", PLANNED)),
            // They have to be there; the CRM counts them itself.
            ("duration_hours", "0".to_owned()),
            ("duration_minutes", "0".to_owned()),
        ]
    }

    /// Refuses to change an event that may have what a change destroys and no one can read.
    fn check_change(
        &self,
        api: &Api,
        session: &Session,
        before: &Row,
        _values: &Map<String, Value>,
    ) -> Result<(), Failure> {
        if before.id("modifiedby") == Some(session.user) {
            return Ok(());
        }
        let series = before
            .filled("recurringtype")
            .is_some_and(|kind| kind != "--None--");
        if series {
            return Err(Failure::permanent(
                "series_kept",
                "the event belongs to a series of the CRM, whose rule a change from outside would destroy: change it \
                 in the CRM",
            ));
        }
        match api.login.invited_users() {
            InvitedUsers::Drop => Ok(()),
            InvitedUsers::Keep => Err(Failure::permanent(
                "invited_users_kept",
                "the event was last saved by a person in the CRM, and a change from outside would remove the users \
                 who may be invited to it: change it in the CRM, or let the administrator set auth.invited_users to \
                 drop where nobody is ever invited",
            )),
        }
    }

    fn keep(&self, values: &mut Map<String, Value>, before: &Row, site: &Site) {
        let usual = site.choice("activitytype", MEETING);
        activity::keep(values, before, &usual);
    }

    async fn contacts_to_send(door: &Door<Self>, id: WireId, session: &Session) -> Result<String, Failure> {
        activity::contacts_to_send(door, id, session).await
    }

    fn check_kept(&self, record: &EventRecord, fields: &[EventField], after: &Row) -> Result<(), Failure> {
        let asked = Span::of(&record.when, self.zone);
        if !fields.contains(&EventField::When) || Span::read(after).ok() == asked {
            return Ok(());
        }
        Err(Failure::permanent(
            "time_not_kept",
            "the CRM did not keep the date and time it was given",
        ))
    }

    fn put_back(&self, before: &Row) -> Map<String, Value> {
        let mut values = Map::new();
        if let Ok(span) = Span::read(before) {
            span.write(&mut values);
        }
        values
    }
}

/// Whether a type of activity is a telephone call: `Call`, `Mobile Call`, and what administrators add to them.
fn is_call(activity_type: &str) -> bool {
    activity_type.to_lowercase().contains("call")
}

/// How far back a whole reading begins: an all-day event counts from UTC midnight, while the CRM keeps it at local
/// midnight, up to 14 hours earlier.
fn day_before(instant: DateTime<Utc>) -> NaiveDate {
    let day = instant.date_naive();
    day.checked_sub_signed(Duration::days(1)).unwrap_or(day)
}

fn time_unfit() -> Failure {
    Failure::permanent(
        "time_unfit",
        "the CRM cannot keep the date and time: years go from 1000 to 9999, and an event ends after it begins",
    )
}
