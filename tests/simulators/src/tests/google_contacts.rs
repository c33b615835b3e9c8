//! People v1: etags, tokens, lists that lag, writes that must not overlap.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use super::{ANNA, Http, Reply, at};
use crate::SimClock;
use crate::google::{GoogleOptions, GoogleSim};

const SCOPE: &str = "https://www.googleapis.com/auth/contacts";
const LIST: &str = "/people/me/connections";
const FIELDS: &str = "names,emailAddresses,memberships,metadata,clientData";

async fn people(options: GoogleOptions) -> (GoogleSim, Http) {
    let sim = GoogleSim::start(GoogleOptions {
        clock: SimClock::stopped(at("2026-03-02 08:00:00")),
        ..options
    })
    .await
    .unwrap();
    let http = client(&sim, SCOPE);
    (sim, http)
}

async fn plain() -> (GoogleSim, Http) {
    people(GoogleOptions::default()).await
}

/// Access tokens live an hour; the clock is moved by days.
fn client(sim: &GoogleSim, scope: &str) -> Http {
    let tokens = sim.issue_tokens(ANNA, &[scope]).unwrap();
    Http::new(&sim.people_url(), Some(tokens.access_token))
}

fn contact(name: &str, email: &str) -> Value {
    json!({ "names": [{ "givenName": name }], "emailAddresses": [{ "value": email }] })
}

async fn create(http: &Http, contact: &Value) -> Value {
    let reply = http
        .call(
            "POST",
            &format!("/people:createContact?personFields={FIELDS}"),
            contact,
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn path(person: &Value) -> String {
    format!("/{}", person["resourceName"].as_str().unwrap())
}

async fn list(http: &Http, more: &[(&str, &str)]) -> Reply {
    let mut query = vec![("personFields", FIELDS), ("requestSyncToken", "true")];
    query.extend(more);
    http.query(LIST, &query).await
}

fn word(reply: &Reply) -> (u16, String, String) {
    let error = &reply.json()["error"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        reply.status,
        text(&error["status"]),
        text(&error["details"][0]["reason"]),
    )
}

fn patch(person: &Value, etags: &Value, name: &str) -> Value {
    let mut body = json!({ "names": [{ "givenName": name }] });
    for (key, value) in etags.as_object().unwrap() {
        body[key] = value.clone();
    }
    body["resourceName"] = person["resourceName"].clone();
    body
}

#[tokio::test]
async fn a_sync_token_ends_seven_days_after_the_whole_list_with_a_400() {
    let (sim, http) = plain().await;
    create(&http, &contact("One", "one@example.com")).await;
    let whole = list(&http, &[]).await.json();
    assert_eq!(whole["connections"].as_array().unwrap().len(), 1);
    let token = whole["nextSyncToken"].as_str().unwrap().to_owned();
    assert!(token.contains('+'), "a token that survives only encoded");
    sim.clock().advance(Duration::from_hours(24 * 6));
    let http = client(&sim, SCOPE);
    let delta = list(&http, &[("syncToken", token.as_str())]).await.json();
    assert_eq!(delta.get("connections"), None, "a quiet list has no such key");
    let young = delta["nextSyncToken"].as_str().unwrap().to_owned();
    sim.clock().advance(Duration::from_hours(25));
    let http = client(&sim, SCOPE);
    // However young the token is: its whole list is too old.
    let refused = list(&http, &[("syncToken", young.as_str())]).await;
    let expected = (
        400,
        "FAILED_PRECONDITION".to_owned(),
        "EXPIRED_SYNC_TOKEN".to_owned(),
    );
    assert_eq!(word(&refused), expected);
    let rubbish = list(&http, &[("syncToken", "rubbish")]).await;
    assert_eq!(word(&rubbish).1, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn a_token_wants_the_same_parameters_and_to_be_asked_for() {
    let (_sim, http) = plain().await;
    let without = http.query(LIST, &[("personFields", FIELDS)]).await.json();
    assert_eq!(without.get("nextSyncToken"), None);
    let token = list(&http, &[]).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = [
        ("personFields", "names"),
        ("requestSyncToken", "true"),
        ("syncToken", &token),
    ];
    assert_eq!(http.query(LIST, &other).await.status, 400);
    let larger = list(&http, &[("syncToken", &token), ("pageSize", "500")]).await;
    assert_eq!(larger.status, 400);
    let none = http
        .query(LIST, &[("personFields", FIELDS), ("syncToken", &token)])
        .await;
    assert_eq!(none.status, 400);
    assert_eq!(http.get(LIST).await.status, 400, "without a mask");
    assert_eq!(http.query(LIST, &[("personFields", "emails")]).await.status, 400);
    for size in ["0", "1", "1000"] {
        assert_eq!(
            http.query(LIST, &[("personFields", "names"), ("pageSize", size)])
                .await
                .status,
            200
        );
    }
    for size in ["-1", "1001"] {
        assert_eq!(
            http.query(LIST, &[("personFields", "names"), ("pageSize", size)])
                .await
                .status,
            400
        );
    }
}

#[tokio::test]
async fn deleted_contacts_are_told_to_those_who_ask_for_metadata() {
    let (_sim, http) = plain().await;
    let made = create(&http, &contact("One", "one@example.com")).await;
    let bare = [("personFields", "names"), ("requestSyncToken", "true")];
    let blind = http.query(LIST, &bare).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = list(&http, &[]).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let gone = http.delete(&format!("{}:deleteContact", path(&made))).await;
    assert_eq!((gone.status, gone.json()), (200, json!({})));
    let told = list(&http, &[("syncToken", &token)]).await.json();
    assert_eq!(told["connections"][0]["metadata"]["deleted"], true);
    assert_eq!(told["connections"][0].get("names"), None);
    let mut query = bare.to_vec();
    query.push(("syncToken", &blind));
    let untold = http.query(LIST, &query).await.json();
    assert_eq!(untold["connections"][0].get("metadata"), None);
    let again = http.delete(&format!("{}:deleteContact", path(&made))).await;
    assert_eq!((again.status, word(&again).1.as_str()), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn lists_lag_and_single_reads_do_not() {
    let (sim, http) = people(GoogleOptions {
        people_list_delay: Duration::from_mins(3),
        people_first_pages_per_minute: None,
        ..GoogleOptions::default()
    })
    .await;
    let made = create(&http, &contact("One", "one@example.com")).await;
    let token = list(&http, &[]).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(list(&http, &[]).await.json().get("connections"), None);
    let single = format!("{}?personFields=names", path(&made));
    assert_eq!(http.get(&single).await.json()["names"][0]["givenName"], "One");
    sim.clock().advance(Duration::from_mins(4));
    sim.person(ANNA)
        .edit_contact(
            path(&made).trim_start_matches("/people/"),
            &json!({ "names": [{ "givenName": "Two" }] }),
        )
        .unwrap();
    // The delta brings the contact as it was.
    let delta = list(&http, &[("syncToken", &token)]).await.json();
    assert_eq!(delta["connections"][0]["names"][0]["givenName"], "One");
    assert_eq!(http.get(&single).await.json()["names"][0]["givenName"], "Two");
    let next = delta["nextSyncToken"].as_str().unwrap().to_owned();
    sim.clock().advance(Duration::from_mins(4));
    let delta = list(&http, &[("syncToken", &next)]).await.json();
    assert_eq!(delta["connections"][0]["names"][0]["givenName"], "Two");
}

#[tokio::test]
async fn etags_depend_on_the_call_and_the_mask_and_a_stale_one_is_a_400() {
    let (_sim, http) = plain().await;
    let made = create(&http, &contact("One", "one@example.com")).await;
    let update = format!(
        "{}:updateContact?updatePersonFields=names&personFields={FIELDS}",
        path(&made)
    );
    let read = |mask: &str| format!("{}?personFields={mask}", path(&made));
    let listed = list(&http, &[]).await.json()["connections"][0].clone();
    let wide = http.get(&read(FIELDS)).await.json();
    let narrow = http.get(&read("names")).await.json();
    let mut etags =
        [&made, &listed, &wide, &narrow].map(|person| person["etag"].as_str().unwrap().to_owned());
    etags.sort();
    assert!(
        etags.windows(2).all(|pair| pair[0] != pair[1]),
        "one version, four etags"
    );
    let none = http
        .call("PATCH", &update, &patch(&made, &json!({}), "Two"))
        .await;
    assert_eq!(word(&none).1, "INVALID_ARGUMENT");
    let of_list = http
        .call(
            "PATCH",
            &update,
            &patch(&made, &json!({ "etag": listed["etag"] }), "Two"),
        )
        .await;
    assert_eq!(
        (of_list.status, word(&of_list).1.as_str()),
        (400, "FAILED_PRECONDITION")
    );
    // The contact's own etag is the same for everybody.
    let source = json!({ "metadata": { "sources": [listed["metadata"]["sources"][0]] } });
    let done = http.call("PATCH", &update, &patch(&made, &source, "Two")).await;
    assert_eq!(
        (done.status, done.json()["names"][0]["givenName"].as_str()),
        (200, Some("Two"))
    );
    let stale = http.call("PATCH", &update, &patch(&made, &source, "Three")).await;
    assert_eq!(
        (stale.status, word(&stale).1.as_str()),
        (400, "FAILED_PRECONDITION")
    );
    let narrow = http.get(&read("names")).await.json();
    let done = http
        .call(
            "PATCH",
            &update,
            &patch(&made, &json!({ "etag": narrow["etag"] }), "Three"),
        )
        .await;
    assert_eq!(done.status, 200);
}

#[tokio::test]
async fn a_write_replaces_whole_fields_and_refuses_two_names() {
    let (sim, http) = plain().await;
    let mut body = contact("One", "one@example.com");
    body["emailAddresses"] =
        json!([{ "value": "a@example.com" }, { "value": "b@example.com" }, { "value": "" }]);
    body["addresses"] = json!([{ "streetAddress": "Via Roma 1", "city": "Rome" }]);
    let made = create(&http, &body).await;
    assert_eq!(made["emailAddresses"].as_array().unwrap().len(), 2);
    let id = path(&made).trim_start_matches("/people/").to_owned();
    let kept = sim.person(ANNA).contact(&id).unwrap();
    assert_eq!(kept["addresses"][0]["formattedValue"], "Via Roma 1\nRome");
    assert_eq!(
        kept["memberships"][0]["contactGroupMembership"]["contactGroupId"],
        "myContacts"
    );
    let update = |fields: &str| {
        format!(
            "{}:updateContact?updatePersonFields={fields}&personFields={FIELDS}",
            path(&made)
        )
    };
    let source = || {
        json!({ "sources": [{ "type": "CONTACT", "etag":
        sim.person(ANNA).contact(&id).unwrap()["metadata"]["sources"][0]["etag"] }] })
    };
    let both = json!({ "metadata": source(), "names": [{ "givenName": "A" }, { "givenName": "B" }] });
    assert_eq!(http.call("PATCH", &update("names"), &both).await.status, 400);
    let one = json!({ "metadata": source(), "emailAddresses": [{ "value": "c@example.com" }] });
    let after = http.call("PATCH", &update("emailAddresses"), &one).await.json();
    assert_eq!(after["emailAddresses"].as_array().unwrap().len(), 1);
    assert_eq!(after["names"][0]["givenName"], "One");
    // What is named and not given is emptied; memberships may not be.
    let none = json!({ "metadata": source() });
    let after = http.call("PATCH", &update("emailAddresses"), &none).await.json();
    assert_eq!(after.get("emailAddresses"), None);
    let none = json!({ "metadata": source() });
    assert_eq!(
        http.call("PATCH", &update("memberships"), &none).await.status,
        400
    );
    // A formatted address that is given back goes on saying the old one.
    let mut address = kept["addresses"][0].clone();
    address["city"] = json!("Milan");
    let moved = json!({ "metadata": source(), "addresses": [address] });
    http.call("PATCH", &update("addresses"), &moved).await;
    let kept = sim.person(ANNA).contact(&id).unwrap();
    assert_eq!(kept["addresses"][0]["formattedValue"], "Via Roma 1\nRome");
}

#[tokio::test]
async fn many_are_written_together_or_not_at_all() {
    let (sim, http) = plain().await;
    let batch = |names: &[&str]| {
        let contacts: Vec<Value> = names
            .iter()
            .map(|name| json!({ "contactPerson": contact(name, "x@example.com") }))
            .collect();
        json!({ "contacts": contacts, "readMask": FIELDS })
    };
    let made = http
        .call("POST", "/people:batchCreateContacts", &batch(&["One", "Two"]))
        .await
        .json();
    let made = made["createdPeople"].as_array().unwrap().clone();
    let names: Vec<_> = made
        .iter()
        .map(|one| one["person"]["names"][0]["givenName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Two", "One"], "in no promised order");
    let mut bad = batch(&["Three", "Four"]);
    bad["contacts"][1]["contactPerson"]["names"] = json!([{ "givenName": "A" }, { "givenName": "B" }]);
    assert_eq!(
        http.call("POST", "/people:batchCreateContacts", &bad)
            .await
            .status,
        400
    );
    assert_eq!(sim.person(ANNA).contacts().len(), 2);
    let many: Vec<&str> = vec!["Many"; 201];
    assert_eq!(
        http.call("POST", "/people:batchCreateContacts", &batch(&many))
            .await
            .status,
        400
    );

    let person = |at: usize| made[at]["person"].clone();
    let change = |at: usize, stale: bool| {
        let mut source = person(at)["metadata"]["sources"][0].clone();
        if stale {
            source["etag"] = json!("#old");
        }
        json!({ "names": [{ "givenName": "New" }], "metadata": { "sources": [source] } })
    };
    let update = |stale: bool| {
        let mut contacts = json!({});
        contacts[person(0)["resourceName"].as_str().unwrap()] = change(0, false);
        contacts[person(1)["resourceName"].as_str().unwrap()] = change(1, stale);
        json!({ "contacts": contacts, "updateMask": "names", "readMask": FIELDS })
    };
    let refused = http
        .call("POST", "/people:batchUpdateContacts", &update(true))
        .await;
    assert_eq!(
        (refused.status, word(&refused).1.as_str()),
        (400, "FAILED_PRECONDITION")
    );
    let unchanged = http
        .get(&format!("{}?personFields=names", path(&person(0))))
        .await
        .json();
    assert_eq!(unchanged["names"][0]["givenName"], "Two");
    let done = http
        .call("POST", "/people:batchUpdateContacts", &update(false))
        .await
        .json();
    assert_eq!(done["updateResult"].as_object().unwrap().len(), 2);

    let name = |at: usize| person(at)["resourceName"].clone();
    let query = format!(
        "/people:batchGet?personFields=names&resourceNames={}&resourceNames=people/c0",
        name(0).as_str().unwrap()
    );
    let read = http.get(&query).await.json();
    assert_eq!(read["responses"][1]["status"]["code"], 5);
    let missing = json!({ "resourceNames": [name(0), "people/c0"] });
    assert_eq!(
        http.call("POST", "/people:batchDeleteContacts", &missing)
            .await
            .status,
        404
    );
    let both = json!({ "resourceNames": [name(0), name(1)] });
    assert_eq!(
        http.call("POST", "/people:batchDeleteContacts", &both)
            .await
            .status,
        200
    );
    assert!(sim.person(ANNA).contacts().is_empty());
}

#[tokio::test]
async fn writes_that_overlap_are_refused() {
    let (sim, http) = plain().await;
    sim.set_latency(Duration::from_millis(30));
    let path = format!("/people:createContact?personFields={FIELDS}");
    let bodies: Vec<Value> = (0..4)
        .map(|number| contact(&format!("C{number}"), "x@example.com"))
        .collect();
    let replies = join_all(bodies.iter().map(|body| http.call("POST", &path, body))).await;
    let mut words: Vec<_> = replies
        .iter()
        .map(|reply| (reply.status, word(reply).1))
        .collect();
    words.sort();
    assert_eq!(words[0].0, 200);
    assert_eq!(words[3], (409, "ABORTED".to_owned()));
    // One after another they are welcome, and reading may go on beside.
    sim.set_latency(Duration::ZERO);
    assert_eq!(http.call("POST", &path, &bodies[0]).await.status, 200);
}

#[tokio::test]
async fn quotas_are_429_and_the_first_page_has_its_own() {
    let (sim, http) = people(GoogleOptions {
        people_first_pages_per_minute: Some(2),
        people_writes_per_minute: Some(1),
        ..GoogleOptions::default()
    })
    .await;
    let token = list(&http, &[]).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(list(&http, &[]).await.status, 200);
    let refused = list(&http, &[]).await;
    assert_eq!(
        (refused.status, word(&refused).1.as_str()),
        (429, "RESOURCE_EXHAUSTED")
    );
    assert_eq!(list(&http, &[("syncToken", &token)]).await.status, 200);
    create(&http, &contact("One", "x@example.com")).await;
    let path = format!("/people:createContact?personFields={FIELDS}");
    assert_eq!(
        http.call("POST", &path, &contact("Two", "x@example.com"))
            .await
            .status,
        429
    );
    sim.clock().advance(Duration::from_mins(1));
    create(&http, &contact("Two", "x@example.com")).await;
    assert!(sim.traffic().refusals() >= 2);
}

#[tokio::test]
async fn labels_are_groups_with_names_of_their_own() {
    let (sim, http) = plain().await;
    let body = json!({ "contactGroup": { "name": "CRM" } });
    let group = http.call("POST", "/contactGroups", &body).await.json();
    let taken = http.call("POST", "/contactGroups", &body).await;
    assert_eq!((taken.status, word(&taken).1.as_str()), (409, "ALREADY_EXISTS"));
    let made = create(&http, &contact("One", "one@example.com")).await;
    let modify = format!("/{}/members:modify", group["resourceName"].as_str().unwrap());
    let add = json!({ "resourceNamesToAdd": [made["resourceName"], "people/c0"] });
    let answer = http.call("POST", &modify, &add).await.json();
    assert_eq!(answer["notFoundResourceNames"], json!(["people/c0"]));
    let read = http
        .get(&format!("{}?personFields=memberships,metadata", path(&made)))
        .await
        .json();
    assert_eq!(read["memberships"].as_array().unwrap().len(), 2);
    // The etag moves, the time of change does not.
    let (before, after) = (&made["metadata"]["sources"][0], &read["metadata"]["sources"][0]);
    assert_eq!(before["updateTime"], after["updateTime"]);
    assert_ne!(before["etag"], after["etag"]);
    let id = path(&made).trim_start_matches("/people/").to_owned();
    sim.person(ANNA).label_contact(&id, "myContacts", false).unwrap();
    let remove = json!({ "resourceNamesToRemove": [made["resourceName"]] });
    let answer = http.call("POST", &modify, &remove).await.json();
    assert_eq!(
        answer["canNotRemoveLastContactGroupResourceNames"],
        json!([made["resourceName"]])
    );
    let system = json!({ "resourceNamesToAdd": [made["resourceName"]] });
    assert_eq!(
        http.call("POST", "/contactGroups/friends/members:modify", &system)
            .await
            .status,
        400
    );
    let groups = http.get("/contactGroups?pageSize=3").await.json();
    assert_eq!(groups["contactGroups"].as_array().unwrap().len(), 3);
    assert!(groups["nextPageToken"].is_string());
}

#[tokio::test]
async fn a_profile_mixes_in_its_values_and_changes_the_name() {
    let (sim, http) = plain().await;
    let made = create(&http, &contact("One", "one@example.com")).await;
    let token = list(&http, &[]).await.json()["nextSyncToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = path(&made).trim_start_matches("/people/").to_owned();
    let profile = json!({ "names": [{ "givenName": "Profile" }] });
    let new = sim.person(ANNA).link_profile(&id, &profile).unwrap();
    let mixed = http
        .get(&format!("{}?personFields=names,metadata", path(&made)))
        .await
        .json();
    assert_eq!(
        mixed["resourceName"],
        format!("people/{new}"),
        "the old name leads to the new one"
    );
    assert_eq!(mixed["names"].as_array().unwrap().len(), 2);
    assert_eq!(mixed["names"][0]["metadata"]["source"]["type"], "PROFILE");
    let own = format!("/people/{new}?personFields=names&sources=READ_SOURCE_TYPE_CONTACT");
    assert_eq!(http.get(&own).await.json()["names"].as_array().unwrap().len(), 1);
    let delta = list(&http, &[("syncToken", &token)]).await.json();
    assert_eq!(delta["connections"].as_array().unwrap().len(), 1);
    assert_eq!(
        delta["connections"][0]["metadata"]["previousResourceNames"],
        json!([format!("people/{id}")])
    );
    let whole = list(&http, &[]).await.json();
    assert_eq!(
        whole["connections"][0]["metadata"].get("previousResourceNames"),
        None
    );
}

#[tokio::test]
async fn scopes_and_tokens_are_refused_in_the_words_of_this_api() {
    let (sim, http) = plain().await;
    let reader = client(&sim, "https://www.googleapis.com/auth/contacts.readonly");
    assert_eq!(list(&reader, &[]).await.status, 200);
    let path = format!("/people:createContact?personFields={FIELDS}");
    let refused = reader.call("POST", &path, &contact("One", "x@example.com")).await;
    let expected = (
        403,
        "PERMISSION_DENIED".to_owned(),
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT".to_owned(),
    );
    assert_eq!(word(&refused), expected);
    let nobody = Http::new(&sim.people_url(), None).get(LIST).await;
    assert_eq!(
        (nobody.status, word(&nobody).1.as_str()),
        (401, "UNAUTHENTICATED")
    );
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
    let wrong = http
        .call("POST", &path, &json!({ "names": [{ "firstName": "One" }] }))
        .await;
    assert_eq!(wrong.status, 400);
    let wrong = http
        .call(
            "POST",
            &format!("{path}&personfields=x"),
            &contact("One", "x@example.com"),
        )
        .await;
    assert_eq!(wrong.status, 400);
}
