//! What a change of an event or a task would destroy.
//!
//! The CRM saves both as its form would, and takes whatever the form did not send for emptied:
//!
//! | lost | kept by |
//! |---|---|
//! | reminder | sending what was read, minutes as seconds, with every change |
//! | contacts, all but one (before 8.4) | reading them one by one and sending them beside the record |
//! | invited users, of events | not changing the event: they cannot be read |
//! | rule of a series, of events | not changing the event: it cannot be read either |
//!
//! # Source
//! Measured on 8.2.0 and 8.4.0; the extra parameters ride in the same body beside the element.

use serde_json::{Map, Value};
use sync_core::failure::Failure;

use super::door::Door;
use super::login::Session;
use super::shape::Shape;
use super::text::put;
use super::wire::{Query, Row, WireId};

/// The contacts of an event or a task are read apart, and only where a change would drop them.
pub(super) const CONTACTS: &str = "contact_id";
/// Contacts of one record that are read; each takes a request.
const CONTACTS_MAX: usize = 100;

/// Adds to a change what would be emptied or reset if it were not sent. Without its type a record passes to another
/// class.
pub(super) fn keep(values: &mut Map<String, Value>, before: &Row, usual_type: &str) {
    let kind = before.filled("activitytype");
    put(
        values,
        "activitytype",
        kind.unwrap_or_else(|| usual_type.to_owned()),
    );
    if let Some(visibility) = before.filled("visibility") {
        values.entry("visibility").or_insert_with(|| visibility.into());
    }
    let minutes = before
        .filled("reminder_time")
        .and_then(|minutes| minutes.parse::<u64>().ok())
        .filter(|minutes| *minutes > 0);
    if let Some(minutes) = minutes {
        // Read in minutes, written in seconds.
        put(values, "reminder_time", minutes.saturating_mul(60).to_string());
    }
}

/// The contacts that have to be sent along so that they stay; none where they stay by themselves.
///
/// The join is paged through, because a page with several contacts of one record shows one of them.
pub(super) async fn contacts_to_send<S: Shape>(
    door: &Door<S>,
    id: WireId,
    session: &Session,
) -> Result<String, Failure> {
    if session.keeps_contacts() || !door.site().has(CONTACTS) {
        return Ok(String::new());
    }
    let mut contacts: Vec<u64> = Vec::new();
    for place in 0..=CONTACTS_MAX {
        let query = Query::select("id,contact_id", S::MODULE)
            .with_id(id)
            .ordered(CONTACTS, place, 1);
        let rows = door.api.query(&query).await?;
        let Some(row) = rows.first() else {
            let contacts: Vec<String> = contacts.iter().map(u64::to_string).collect();
            return Ok(contacts.join(";"));
        };
        if let Some(contact) = row.id(CONTACTS)
            && !contacts.contains(&contact.number)
        {
            contacts.push(contact.number);
        }
    }
    Err(Failure::permanent(
        "many_contacts",
        "the record has more contacts than can be kept while it is changed from outside",
    ))
}
