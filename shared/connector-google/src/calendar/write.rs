//! Insert, patch, delete. Why each may be sent twice is said at each.

use connector_http::client::Answer;
use http::Method;
use serde_json::{Map, Value, json};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::port::{Create, Created, Update};

use super::read::{Fetched, timestamp};
use super::text::{meet_block, written_description};
use super::wire::{EVENT_FIELDS, Event};
use super::{GoogleCalendar, failure_of};
use crate::api::Call;

/// Most generations tried for one copy. Each burnt one is a copy that was deleted; a person does not delete the
/// same one a dozen times without our having remembered its generation.
const GENERATIONS_MAX: u32 = 12;

/// An event under an id of ours.
pub(super) struct Inserted {
    pub(super) event: Event,
    pub(super) generation: u32,
    /// Whether it was there already.
    pub(super) adopted: bool,
}

impl GoogleCalendar {
    /// Makes a copy under its derived id.
    pub(super) async fn insert(&self, create: &Create<EventRecord>) -> Result<Created<EventRecord>, Failure> {
        let body = |id: &str, generation| self.new_event(id, &create.origin, &create.record, generation);
        let inserted = self
            .insert_under(&create.origin, create.generation, create.notify, body)
            .await?;
        Ok(Created {
            observed: self.seen(&self.target, &inserted.event)?,
            generation: inserted.generation,
            adopted: inserted.adopted,
        })
    }

    /// Inserts an event under the id derived from its origin. A repeat is harmless: Google answers 409 for an id that
    /// it has, and the event is read instead. Deleted events keep their ids; then the next generation is tried.
    pub(super) async fn insert_under(
        &self,
        origin: &RemoteId,
        from_generation: u32,
        notify: bool,
        body: impl Fn(&str, u32) -> Map<String, Value>,
    ) -> Result<Inserted, Failure> {
        for generation in (from_generation..).take(GENERATIONS_MAX as usize) {
            let id = RemoteId::new(
                self.target.clone(),
                self.marker.event_id(&self.target, origin, generation),
            );
            let path = ["calendars", &id.collection, "events"];
            let answer = self
                .api
                .send(Call {
                    method: Method::POST,
                    path: &path,
                    query: write_query(notify),
                    if_match: None,
                    body: Some(Value::Object(body(&id.id, generation))),
                })
                .await?;
            let event = match answer.status {
                200..=299 => {
                    return Ok(Inserted {
                        event: answer.json()?,
                        generation,
                        adopted: false,
                    });
                }
                409 => self.get(&id).await?,
                404 => {
                    return Err(Failure::permanent(
                        "calendar_not_found",
                        "the calendar that receives copies is not there any more",
                    ));
                }
                _ => return Err(failure_of(&answer)),
            };
            match event {
                Fetched::Event(event) => {
                    return Ok(Inserted {
                        event: *event,
                        generation,
                        adopted: true,
                    });
                }
                Fetched::Gone => {}
                Fetched::OutOfReach => return Err(failure_of(&answer)),
            }
        }
        Err(Failure::permanent(
            "id_burnt",
            "the event was deleted in Google too many times to be made again",
        ))
    }

    /// Writes the named fields, provided that the etag is the one we saw. A repeat is harmless: the first one
    /// that went through has changed the etag, and the second is refused as a conflict.
    pub(super) async fn patch(&self, update: &Update<EventRecord>) -> Result<Observed<EventRecord>, Failure> {
        let id = &update.id;
        let mut current = None;
        // What Google Meet has put into the description belongs to the event, and only a look tells whether
        // there is anything.
        if update.fields.contains(&EventField::Description) || update.fields.is_empty() {
            current = Some(self.expected(id, &update.expected).await?);
        }
        let meet = current
            .as_ref()
            .and_then(|event| event.description.as_deref())
            .and_then(meet_block);
        let mut body = Map::new();
        for field in &update.fields {
            self.put(&mut body, *field, &update.record, meet);
        }
        if let (true, Some(event)) = (body.is_empty(), &current) {
            return self.seen(&id.collection, event);
        }
        let path = ["calendars", &id.collection, "events", &id.id];
        let answer = self
            .api
            .send(Call {
                method: Method::PATCH,
                path: &path,
                query: write_query(update.notify),
                if_match: Some(&update.expected.0),
                body: Some(Value::Object(body)),
            })
            .await?;
        match answer.status {
            200..=299 => self.written(&id.collection, &answer),
            404 | 410 => Err(gone()),
            _ => Err(failure_of(&answer)),
        }
    }

    /// Deletes an event, provided that its etag is the one we saw. A repeat is harmless: it meets an event that
    /// is gone.
    ///
    /// # Source
    /// Deleting twice gives 410 or 404 without an etag and 412 with one, as other projects report.
    pub(super) async fn remove(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        let path = ["calendars", &id.collection, "events", &id.id];
        let answer = self
            .api
            .send(Call {
                method: Method::DELETE,
                path: &path,
                query: vec![("sendUpdates", send_updates(false).to_owned())],
                if_match: Some(&expected.0),
                body: None,
            })
            .await?;
        match answer.status {
            // Google answers an empty 204. A page with a good status comes from something on the way.
            200..=299 if answer.body.is_empty() => Ok(true),
            200..=299 => Err(Failure::retryable(
                "answer_unreadable",
                "the answer to a deletion is not Google's",
                None,
            )),
            404 | 410 => Ok(false),
            412 => match self.get(id).await? {
                Fetched::Gone => Ok(false),
                Fetched::Event(_) | Fetched::OutOfReach => Err(failure_of(&answer)),
            },
            _ => Err(failure_of(&answer)),
        }
    }

    /// The event as it is, provided that it still is the version we saw.
    async fn expected(&self, id: &RemoteId, expected: &Version) -> Result<Event, Failure> {
        match self.get(id).await? {
            Fetched::Gone => Err(gone()),
            Fetched::OutOfReach => Err(Failure::permanent(
                "forbidden",
                "Google no longer shows us the event",
            )),
            Fetched::Event(event) if event.etag.as_ref() == Some(&expected.0) => Ok(*event),
            Fetched::Event(_) => Err(Failure::conflict("changed", "the event was changed meanwhile")),
        }
    }

    fn written(&self, calendar: &str, answer: &Answer) -> Result<Observed<EventRecord>, Failure> {
        let event: Event = answer.json()?;
        self.seen(calendar, &event)
    }

    pub(super) fn new_event(
        &self,
        id: &str,
        origin: &RemoteId,
        record: &EventRecord,
        generation: u32,
    ) -> Map<String, Value> {
        let mut body = Map::new();
        for field in [EventField::Title, EventField::Description, EventField::Location] {
            self.put(&mut body, field, record, None);
        }
        if record.private {
            self.put(&mut body, EventField::Private, record, None);
        }
        let zone = self.facts(&self.target).time_zone;
        let (start, end) = new_times(&record.when, zone.as_deref());
        body.insert("id".to_owned(), id.into());
        body.insert("start".to_owned(), start);
        body.insert("end".to_owned(), end);
        body.insert(
            "extendedProperties".to_owned(),
            json!({ "private": self.marker.properties(origin, generation) }),
        );
        body
    }

    fn put(
        &self,
        body: &mut Map<String, Value>,
        field: EventField,
        record: &EventRecord,
        meet: Option<&str>,
    ) {
        match field {
            EventField::Title => {
                body.insert("summary".to_owned(), record.title.clone().into());
            }
            EventField::Description => {
                let text = written_description(&record.description, self.description, meet);
                body.insert("description".to_owned(), text.into());
            }
            EventField::Location => {
                body.insert("location".to_owned(), record.location.clone().into());
            }
            EventField::When => {
                let (start, end) = patched_times(&record.when);
                body.insert("start".to_owned(), start);
                body.insert("end".to_owned(), end);
            }
            EventField::Private => {
                let visibility = if record.private { "private" } else { "default" };
                body.insert("visibility".to_owned(), visibility.into());
            }
        }
    }
}

const GONE: &str = "gone";

fn gone() -> Failure {
    Failure::conflict(GONE, "the event was deleted meanwhile")
}

/// Times for a new event, in the zone in which people shall see it.
pub(super) fn new_times(when: &When, zone: Option<&str>) -> (Value, Value) {
    match when {
        When::Timed { start, end } => {
            let time = |at| match zone {
                Some(zone) => json!({ "dateTime": timestamp(at), "timeZone": zone }),
                None => json!({ "dateTime": timestamp(at) }),
            };
            (time(*start), time(*end))
        }
        When::AllDay { start, end } => (
            json!({ "date": start.to_string() }),
            json!({ "date": end.to_string() }),
        ),
    }
}

/// Times for a patch. It merges objects, so the form that an event may have had before is emptied by explicit
/// nulls; a timed event keeps its own zone, because none is named.
pub(super) fn patched_times(when: &When) -> (Value, Value) {
    match when {
        When::Timed { start, end } => {
            let time = |at| json!({ "dateTime": timestamp(at), "date": null });
            (time(*start), time(*end))
        }
        When::AllDay { start, end } => {
            let day = |date: &chrono::NaiveDate| json!({ "date": date.to_string(), "dateTime": null, "timeZone": null });
            (day(start), day(end))
        }
    }
}

fn write_query(notify: bool) -> Vec<(&'static str, String)> {
    vec![
        ("sendUpdates", send_updates(notify).to_owned()),
        ("fields", EVENT_FIELDS.to_owned()),
    ]
}

/// Always said: Google's default is not to be relied on.
fn send_updates(notify: bool) -> &'static str {
    if notify { "all" } else { "none" }
}
