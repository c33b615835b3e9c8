//! Answers that no simulator gives.

use serde_json::json;
use sync_core::failure::Class;
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::port::Remote;

use super::google::{create, people_at, present, reading, record, whole};
use crate::scripted::{Scripted, Seen, status};

/// A list of one contact, and what it says when it is read by name.
fn one(person: serde_json::Value) -> impl Fn(&Seen) -> (u16, serde_json::Value) + Send + Sync + 'static {
    move |seen| match seen.path.as_str() {
        "/people/me/connections" => (
            200,
            json!({ "connections": [{ "resourceName": "people/c1" }], "nextSyncToken": "t" }),
        ),
        "/contactGroups" => (
            200,
            json!({ "contactGroups": [{ "resourceName": "contactGroups/1", "groupType": "USER_CONTACT_GROUP", "name": "crm" }] }),
        ),
        _ => (200, person.clone()),
    }
}

#[tokio::test]
async fn odd_contacts_are_read_as_far_as_they_go() {
    let google = Scripted::start(one(json!({
        "resourceName": "people/c1",
        "names": [{ "displayName": "Only shown", "metadata": { "source": { "type": "CONTACT" } } }],
        "emailAddresses": [{ "type": "work" }, { "value": " a@example.com " }],
        "addresses": [{ "formattedValue": "Via Roma 1\nRoma", "type": "work" }],
        "birthdays": [{ "text": "in spring" }],
        "biographies": [{ "value": "<p>one<br>two</p>", "contentType": "TEXT_HTML" }],
        "memberships": [{ "domainMembership": {} }, { "contactGroupMembership": { "contactGroupResourceName": "contactGroups/1" } }],
        "unheardOf": [{ "x": 1 }],
    })))
    .await;
    let set = whole(&people_at(&google.base, Some("CRM"), "token")).await;
    let record = &present(&set)[0].record;
    assert_eq!(record.given_name, "Only shown");
    assert_eq!(record.email_work, "a@example.com");
    assert_eq!(record.address_work.street, "Via Roma 1\nRoma");
    assert_eq!(record.birthday, None);
    assert_eq!(record.notes, "one\ntwo");
    // Found whatever the capitals are.
    assert!(record.labelled);
}

#[tokio::test]
async fn each_request_has_the_same_parameters_and_tokens_are_encoded() {
    let google = Scripted::start(|seen| {
        if seen.get("pageToken").is_none() && seen.get("syncToken").is_some() {
            return (200, json!({ "nextPageToken": "p+/=" }));
        }
        (200, json!({ "nextSyncToken": "s+/=" }))
    })
    .await;
    let people = people_at(&google.base, None, "token");
    let set = whole(&people).await;
    people.changes(&reading(Some(set.cursor))).await.unwrap();
    let seen = google.seen();
    assert_eq!(seen.len(), 3);
    let (first, second, third) = (&seen[0], &seen[1], &seen[2]);
    assert_eq!(
        (second.get("syncToken"), third.get("pageToken")),
        (Some("s+/="), Some("p+/="))
    );
    assert_eq!(third.get("syncToken"), Some("s+/="));
    for name in ["personFields", "pageSize", "requestSyncToken", "sources"] {
        assert!(first.get(name).is_some());
        assert_eq!(first.get(name), second.get(name));
        assert_eq!(first.get(name), third.get(name));
    }
}

#[tokio::test]
async fn any_400_to_a_token_asks_for_the_whole_list_and_to_none_is_a_failure() {
    let cases = [
        status(400, "FAILED_PRECONDITION", Some("EXPIRED_SYNC_TOKEN")),
        status(400, "INVALID_ARGUMENT", None),
        status(410, "GONE", None),
    ];
    for answer in cases {
        let reply = answer.clone();
        let google = Scripted::start(move |seen| match seen.get("syncToken") {
            Some(_) => reply.clone(),
            None => (200, json!({ "nextSyncToken": "new" })),
        })
        .await;
        let people = people_at(&google.base, None, "token");
        let set = whole(&people).await;
        let again = people.changes(&reading(Some(set.cursor))).await.unwrap();
        assert_eq!(again.complete.len(), 1, "{answer:?}");
    }
    let google = Scripted::start(|_| status(400, "INVALID_ARGUMENT", None)).await;
    let failure = people_at(&google.base, None, "token")
        .changes(&reading(None))
        .await
        .unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "refused"));
    let rubbish = Some(Cursor("not a cursor".to_owned()));
    let google = Scripted::start(|_| (200, json!({ "nextSyncToken": "new" }))).await;
    let set = people_at(&google.base, None, "token")
        .changes(&reading(rubbish))
        .await
        .unwrap();
    assert_eq!(set.complete.len(), 1);
}

#[tokio::test]
async fn reasons_decide_and_not_the_status() {
    let cases = [
        (
            status(400, "FAILED_PRECONDITION", None),
            Class::Conflict,
            "changed",
        ),
        (
            status(403, "PERMISSION_DENIED", Some("ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
            Class::Reauth,
            "missing_scope",
        ),
        (
            status(403, "PERMISSION_DENIED", Some("SERVICE_DISABLED")),
            Class::Permanent,
            "api_disabled",
        ),
        (status(404, "NOT_FOUND", None), Class::Permanent, "not_found"),
        (
            status(409, "ABORTED", None),
            Class::Retryable { after: None },
            "collision",
        ),
        (
            status(401, "UNAUTHENTICATED", None),
            Class::Retryable { after: None },
            "token_refused",
        ),
    ];
    for (answer, class, code) in cases {
        let reply = answer.clone();
        let google = Scripted::start(move |_| reply.clone()).await;
        let failure = people_at(&google.base, None, "token")
            .create(&create("c1", record("Anna")))
            .await
            .unwrap_err();
        assert_eq!((failure.class, failure.code), (class, code), "{answer:?}");
        assert!(google.seen().len() <= 2, "a refusal is not looked for");
    }
}

#[tokio::test]
async fn an_answer_that_shows_something_else_is_read_again() {
    let person = |name: &str| {
        json!({ "resourceName": "people/c1", "names": [{ "givenName": name, "familyName": "Rossi" }],
            "emailAddresses": [{ "value": "anna@example.com", "type": "work" }],
            "phoneNumbers": [{ "value": "+39 333 1234567", "type": "mobile" }] })
    };
    let google = Scripted::start(move |seen| match seen.method.as_str() {
        "POST" => (200, person("Old")),
        _ => (200, person("Anna")),
    })
    .await;
    let people = people_at(&google.base, None, "token");
    let made = people.create(&create("c1", record("Anna"))).await.unwrap();
    assert_eq!(made.observed.record.given_name, "Anna");
    let seen = google.seen();
    assert_eq!(seen.len(), 2);
    let mark = &seen[0].body["clientData"];
    assert_eq!(mark[0], json!({ "key": "crmSyncLink", "value": "acme/user-1" }));
    assert_eq!(
        mark[1],
        json!({ "key": "crmSyncSource", "value": "0/Contacts/c1" })
    );
    // Nobody else's mark is ours, and an id with a slash in it is one id.
    let origin = RemoteId::new("Contacts", "a/b");
    let names = [0, 1].map(|generation| people.derived_id(&origin, generation));
    assert_ne!(names[0], names[1]);
}

#[tokio::test]
async fn a_page_with_a_good_status_is_no_deletion() {
    let google = Scripted::start(|seen| match seen.method.as_str() {
        "DELETE" => (200, json!("<html>")),
        _ => (200, json!({ "resourceName": "people/c1" })),
    })
    .await;
    let people = people_at(&google.base, None, "token");
    let sync_core::change::Reading::Present(seen) =
        people.read(&RemoteId::new("people", "c1")).await.unwrap()
    else {
        panic!("gone")
    };
    let failure = people.delete(&seen.id, &seen.version).await.unwrap_err();
    assert_eq!(failure.code, "answer_unreadable");
    let other = people
        .delete(&seen.id, &Version("else".to_owned()))
        .await
        .unwrap_err();
    assert_eq!(other.class, Class::Conflict);
}
