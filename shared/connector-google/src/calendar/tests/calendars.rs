//! The list of calendars.

use serde_json::json;
use sync_core::failure::Class;
use sync_core::id::RemoteId;

use super::google::{Google, error, lane, one_token};
use crate::calendars::{Calendar, event_address, list_calendars};

#[tokio::test]
async fn calendars_are_listed_over_all_pages_the_users_own_first() {
    let google = Google::start(|call| match call.get("pageToken") {
        None => (
            200,
            json!({ "nextPageToken": "p2", "items": [
                { "id": "team@example.com", "summary": "Team", "summaryOverride": "My team", "accessRole": "reader" },
                { "id": "gone@example.com", "summary": "Gone", "deleted": true },
                { "id": "busy@example.com", "summary": "Busy", "accessRole": "freeBusyReader" },
            ] }),
        ),
        Some(_) => (
            200,
            json!({ "items": [{ "id": "anna@example.com", "summary": "Zoo", "primary": true, "accessRole": "owner",
                "timeZone": "Europe/Rome" }] }),
        ),
    })
    .await;
    let calendars = list_calendars(&google.endpoints, lane(), one_token())
        .await
        .unwrap();
    let told: Vec<_> = calendars
        .iter()
        .map(|calendar| {
            (
                calendar.id.as_str(),
                calendar.name.as_str(),
                calendar.writable,
                calendar.readable,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("primary", "Zoo", true, true),
            ("busy@example.com", "Busy", false, false),
            ("team@example.com", "My team", false, true),
        ]
    );
    let Some(Calendar {
        primary: true,
        time_zone: Some(zone),
        ..
    }) = calendars.first()
    else {
        panic!("no calendar of one's own");
    };
    assert_eq!((zone.as_str(), google.seen().len()), ("Europe/Rome", 2));
}

#[tokio::test]
async fn a_missing_scope_asks_for_a_new_consent() {
    let google = Google::start(|_| error(403, "insufficientPermissions")).await;
    let failure = list_calendars(&google.endpoints, lane(), one_token())
        .await
        .unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Reauth, "missing_scope"));
}

#[test]
fn an_event_is_found_in_the_browser() {
    let expected = "https://calendar.google.com/calendar/event?eid=YWJjMTIzIGFubmFAZXhhbXBsZS5jb20";
    let own = RemoteId::new("primary", "abc123");
    assert_eq!(event_address(&own, "anna@example.com"), expected);
    let named = RemoteId::new("anna@example.com", "abc123");
    assert_eq!(event_address(&named, "somebody@example.com"), expected);
}
