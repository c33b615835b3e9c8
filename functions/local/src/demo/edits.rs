//! What a person does on either side. It is done in the simulated servers' own pages, so to speak: the sync learns of
//! it only by asking.

use chrono::{
    DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};
use sync_core::side::Side;

use super::agenda::{Item, Shown};
use super::world::World;

/// Longest title taken here.
const TITLE_CHARS_MAX: usize = 255;
/// Most days of an all-day event made here.
const DAYS_MAX: u64 = 31;

/// The page's form: what is to be done to which record.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    /// `create`, `update`, `delete` or `move`.
    pub(super) action: String,
    /// `crm` or `google`.
    pub(super) side: String,
    /// The CRM's module (`Meetings`, `Calls`), or the calendar.
    pub(super) collection: String,
    /// The record; empty for a new one.
    pub(super) id: String,
    /// The week that was shown.
    pub(super) week: String,
    /// Title.
    pub(super) title: String,
    /// Place.
    pub(super) location: String,
    /// Day of the beginning.
    pub(super) day: String,
    /// Beginning, `HH:MM`.
    pub(super) from: String,
    /// End, `HH:MM`; not after the beginning means on the next day.
    pub(super) to: String,
    /// Ticked for whole days.
    pub(super) all_day: String,
    /// How many whole days.
    pub(super) days: String,
    /// Ticked for private (Google only).
    pub(super) private: String,
    /// Minutes to move it by.
    pub(super) minutes: String,
}

impl Change {
    /// The form for a new record on a day.
    pub(super) fn new_on(side: Side, day: NaiveDate) -> Self {
        Self {
            action: "create".to_owned(),
            side: side.as_str().to_owned(),
            collection: if side == Side::Crm { "Meetings" } else { "primary" }.to_owned(),
            day: day.to_string(),
            from: "10:00".to_owned(),
            to: "11:00".to_owned(),
            days: "1".to_owned(),
            ..Self::default()
        }
    }

    /// The form with a record's values.
    pub(super) fn of(item: &Item) -> Self {
        let mut change = Self {
            action: "update".to_owned(),
            side: item.side.as_str().to_owned(),
            collection: item.collection.clone(),
            id: item.id.clone(),
            title: item.title.clone(),
            location: item.location.clone(),
            private: if item.private { "on" } else { "" }.to_owned(),
            ..Self::new_on(item.side, NaiveDate::default())
        };
        change.collection.clone_from(&item.collection);
        match item.when {
            Shown::Timed(start, end) => {
                change.day = start.date().to_string();
                change.from = start.format("%H:%M").to_string();
                change.to = end.format("%H:%M").to_string();
            }
            Shown::Days(first, after) => {
                change.day = first.to_string();
                "on".clone_into(&mut change.all_day);
                change.days = (after - first).num_days().to_string();
            }
        }
        change
    }

    /// The side that is changed.
    pub(super) fn side(&self) -> Option<Side> {
        Side::BOTH.into_iter().find(|side| side.as_str() == self.side)
    }

    fn when(&self) -> Result<Shown, &'static str> {
        let day: NaiveDate = self.day.parse().map_err(|_| "Choose a day.")?;
        if !self.all_day.is_empty() {
            let days: u64 = self.days.trim().parse().unwrap_or(1);
            if !(1..=DAYS_MAX).contains(&days) {
                return Err("An all-day event lasts from 1 to 31 days.");
            }
            return Ok(Shown::Days(day, day + Days::new(days)));
        }
        let time = |text: &str| {
            NaiveTime::parse_from_str(text, "%H:%M")
                .map_err(|_| "Choose a time for the beginning and the end.")
        };
        let start = day.and_time(time(&self.from)?);
        let mut end = day.and_time(time(&self.to)?);
        if end < start {
            end += TimeDelta::days(1);
        }
        Ok(Shown::Timed(start, end))
    }

    fn title(&self) -> Result<&str, &'static str> {
        let title = self.title.trim();
        if title.is_empty() {
            Err("Give it a title.")
        } else if title.chars().count() > TITLE_CHARS_MAX {
            Err("The title is too long.")
        } else {
            Ok(title)
        }
    }
}

/// Does it. Returns the record's id, and a word for the page.
pub(super) fn carry_out(
    world: &World,
    change: &Change,
    item: Option<&Item>,
) -> Result<(String, &'static str), &'static str> {
    let side = change.side().ok_or("There is no such side.")?;
    match change.action.as_str() {
        "create" | "update" => {
            let (title, when) = (change.title()?, change.when()?);
            let id = match side {
                Side::Crm => write_crm(world, change, title, when)?,
                Side::Google => write_google(world, change, title, when)?,
            };
            Ok((
                id,
                if change.action == "create" {
                    "created"
                } else {
                    "saved"
                },
            ))
        }
        "move" => {
            let minutes: i64 = change
                .minutes
                .parse()
                .map_err(|_| "Say by how much it is moved.")?;
            let moved = moved(item.ok_or(GONE)?.when, TimeDelta::minutes(minutes));
            match side {
                Side::Crm => edit_crm(world, change, &crm_times(moved, world.zone))?,
                Side::Google => edit_google(world, change, &google_times(moved, world.zone))?,
            }
            Ok((change.id.clone(), "moved"))
        }
        "delete" => {
            match side {
                Side::Crm => world
                    .crm
                    .person(&world.anna.id)
                    .delete(&change.collection, &change.id)
                    .map_err(|_| GONE)?,
                Side::Google => {
                    world
                        .google
                        .person(&world.email)
                        .delete(&change.collection, &change.id)
                        .map_err(|_| GONE)?;
                }
            }
            Ok((change.id.clone(), "deleted"))
        }
        _ => Err("There is nothing of that kind to do."),
    }
}

const GONE: &str = "It is not there any more, or may not be changed.";

fn moved(when: Shown, by: TimeDelta) -> Shown {
    match when {
        Shown::Timed(start, end) => Shown::Timed(start + by, end + by),
        Shown::Days(first, after) => Shown::Days(
            first + TimeDelta::days(by.num_days()),
            after + TimeDelta::days(by.num_days()),
        ),
    }
}

fn write_crm(world: &World, change: &Change, title: &str, when: Shown) -> Result<String, &'static str> {
    let mut attributes = crm_times(when, world.zone);
    merge(&mut attributes, json!({ "name": title }));
    // Calls have no place.
    if change.collection == "Meetings" {
        merge(&mut attributes, json!({ "location": change.location.trim() }));
    }
    if change.id.is_empty() {
        let person = world.crm.person(&world.anna.id);
        person
            .create(&change.collection, &attributes)
            .map_err(|_| "The CRM would not have it.")
    } else {
        edit_crm(world, change, &attributes)?;
        Ok(change.id.clone())
    }
}

fn edit_crm(world: &World, change: &Change, attributes: &Value) -> Result<(), &'static str> {
    world
        .crm
        .person(&world.anna.id)
        .edit(&change.collection, &change.id, attributes)
        .map_err(|_| GONE)
}

fn write_google(world: &World, change: &Change, title: &str, when: Shown) -> Result<String, &'static str> {
    let mut event = google_times(when, world.zone);
    let visibility = if change.private.is_empty() {
        "default"
    } else {
        "private"
    };
    merge(
        &mut event,
        json!({ "summary": title, "location": change.location.trim(), "visibility": visibility }),
    );
    let person = world.google.person(&world.email);
    if change.id.is_empty() {
        // A new event has no other form of time to clear.
        for point in ["start", "end"] {
            if let Some(point) = event.get_mut(point).and_then(Value::as_object_mut) {
                point.retain(|_, value| !value.is_null());
            }
        }
        person
            .create("primary", &event)
            .map_err(|_| "Google would not have it.")
    } else {
        person
            .edit(&change.collection, &change.id, &event)
            .map_err(|_| GONE)
    }
}

fn edit_google(world: &World, change: &Change, patch: &Value) -> Result<(), &'static str> {
    world
        .google
        .person(&world.email)
        .edit(&change.collection, &change.id, patch)
        .map(drop)
        .map_err(|_| GONE)
}

fn crm_times(when: Shown, zone: Tz) -> Value {
    let (start, end) = match when {
        Shown::Timed(start, end) => (start, end),
        Shown::Days(first, after) => (first.and_time(NaiveTime::MIN), after.and_time(NaiveTime::MIN)),
    };
    let (start, end) = (instant(start, zone), instant(end, zone));
    let minutes = (end - start).num_minutes().max(0);
    json!({
        "date_start": start.format("%Y-%m-%d %H:%M:%S").to_string(),
        "duration_hours": minutes / 60,
        "duration_minutes": minutes % 60,
    })
}

fn google_times(when: Shown, zone: Tz) -> Value {
    match when {
        Shown::Timed(start, end) => {
            let point = |at: NaiveDateTime| json!({ "dateTime": instant(at, zone).with_timezone(&zone).to_rfc3339(), "timeZone": zone.name(), "date": null });
            json!({ "start": point(start), "end": point(end) })
        }
        Shown::Days(first, after) => {
            let point =
                |day: NaiveDate| json!({ "date": day.to_string(), "dateTime": null, "timeZone": null });
            json!({ "start": point(first), "end": point(after) })
        }
    }
}

/// The instant of a wall-clock time; one that the clocks skip counts from after the gap.
fn instant(at: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&at) {
        LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => found.with_timezone(&Utc),
        LocalResult::None => match zone.from_local_datetime(&(at + TimeDelta::hours(1))) {
            LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => found.with_timezone(&Utc),
            LocalResult::None => at.and_utc(),
        },
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}
