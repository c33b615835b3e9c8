//! The corpus of recurrence rules (`tests/recurrence`) × {edit one, delete one, move one, split} × both directions:
//! made in Google or in the CRM, laid hands on there or on the other side. After each step both sides show the same
//! occurrences, nothing is there twice, what is not carried is untouched, and the next run is quiet.
//!
//! All rules are in one calendar, so that a step costs one run for all of them. The CRM has no "this and following";
//! a split is Google's alone.

mod entries;
mod world;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::rig::at;
use entries::{Entry, MINUTES, corpus};
use world::{Deed, Occurrence, Rows, World};

/// Where hands are laid on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Google,
    Crm,
}

/// Which occurrence of a rule each deed is done to; a rule with fewer is left alone by it.
const DEEDS: [(usize, Deed); 3] = [(1, Deed::Edit), (2, Deed::Delete), (3, Deed::Move)];

/// Which occurrence a split begins with, where there are more.
const SPLIT_AT: usize = 5;

/// RFC 5545's own examples, and a summer morning before the first of them.
fn of_the_rfc() -> (DateTime<Utc>, Vec<Entry>) {
    let entries = corpus().into_iter().filter(|entry| entry.group == "rfc5545");
    (
        at("2025-08-25T08:00"),
        entries.map(|entry| entry.moved_on()).collect(),
    )
}

/// The others, and a morning after New Year.
fn of_ours() -> (DateTime<Utc>, Vec<Entry>) {
    let entries = corpus().into_iter().filter(|entry| entry.group != "rfc5545");
    (at("2026-01-02T08:00"), entries.collect())
}

/// A world whose series were made in Google, and have reached the CRM.
async fn made_in_google((began, entries): (DateTime<Utc>, Vec<Entry>)) -> World {
    let mut world = World::at(began, entries).await;
    world.fill_google();
    let untouched = world.rig.google.snapshot();
    world.sync().await;
    assert_eq!(world.rig.google.snapshot(), untouched, "reading wrote something");
    world.assert_same("the first sync");
    world.mark_rows();
    world.sync().await;
    world
}

/// A world whose series are rows of the CRM, and have reached Google.
async fn made_in_the_crm() -> World {
    let (began, entries) = of_ours();
    let mut world = World::at(began, entries).await;
    world.fill_crm();
    world.mark_rows();
    let before = world.rest_of_rows();
    world.sync().await;
    world.assert_same("the first sync");
    assert_eq!(world.rest_of_rows(), before);
    world
}

/// Edits, deletes and moves one occurrence of every rule.
async fn lay_hands_on(world: &World, place: Place) {
    let (rest, masters) = (world.rest_of_rows(), world.masters());
    let occurrences = match place {
        Place::Google => world.occurrences(),
        Place::Crm => world.rows(),
    };
    let mut deleted = 0;
    for of_rule in occurrences.values() {
        for (index, deed) in DEEDS {
            let Some(occurrence) = of_rule.get(index) else {
                continue;
            };
            match place {
                Place::Google => world.do_in_google(deed, occurrence),
                Place::Crm => world.do_in_crm(deed, occurrence),
            }
            deleted += usize::from(deed == Deed::Delete);
        }
    }
    assert!(deleted > 20, "{deleted}");
    world.sync().await;
    world.assert_same("an edit, a deletion and a move");
    let after = world.rest_of_rows();
    assert_eq!(after.len(), rest.len() - deleted);
    assert_rows_kept(&after, &rest);
    assert_eq!(
        world.masters(),
        masters,
        "a series was changed for one occurrence"
    );
}

/// How much later a series goes on that was split. Less would not be a move, more would carry some over midnight and
/// off the weekday of their rule.
const SPLIT_LATER_MINUTES: i64 = 30;

/// Splits every series of some length in Google. What follows begins later, so that its occurrences go by other names;
/// or, where the rule says the hour itself, for whole days, and for every third one, it gets a new title.
async fn split(world: &World) {
    let online = world.rig.anna_at_google();
    let (rest, occurrences) = (world.rest_of_rows(), world.occurrences());
    let (mut done, mut later) = (0, 0);
    for entry in world.entries.iter().filter(|entry| !entry.has_added_dates()) {
        let of_rule = occurrences.get(entry.number()).map_or(&[][..], Vec::as_slice);
        let unchanged: Vec<&Occurrence> = of_rule
            .iter()
            .filter(|occurrence| occurrence.title == entry.title)
            .collect();
        let Some((first, master)) = unchanged
            .get(SPLIT_AT)
            .and_then(|first| Some((first, first.master.as_ref()?)))
        else {
            continue;
        };
        let start = first.starts_at + TimeDelta::minutes(SPLIT_LATER_MINUTES);
        let patch = match &first.zone {
            Some(zone) if done % 3 != 0 && !entry.says_the_hour() => {
                let point = |at: DateTime<Utc>| json!({ "dateTime": at.to_rfc3339(), "timeZone": zone });
                later += 1;
                json!({ "start": point(start), "end": point(start + TimeDelta::minutes(MINUTES)) })
            }
            Some(_) | None => json!({ "summary": format!("{}, anew", entry.title) }),
        };
        online
            .edit_this_and_following("primary", master, &first.id, &patch)
            .unwrap();
        done += 1;
    }
    assert!(done > later && later > 5, "{later} of {done}");
    world.sync().await;
    world.assert_same("a split");
    // No row was made anew; the new series may go on longer than the old one did, and have more.
    assert_rows_kept(&rest, &world.rest_of_rows());
}

/// Every one of these rows is as it was among those, beside what is carried.
fn assert_rows_kept(rows: &Rows, among: &Rows) {
    let otherwise: Vec<_> = rows
        .iter()
        .filter(|(id, row)| among.get(*id) != Some(row))
        .collect();
    assert!(
        otherwise.is_empty(),
        "{} of {}, such as {:?}, which is {:?}",
        otherwise.len(),
        rows.len(),
        otherwise[0],
        among.get(otherwise[0].0)
    );
}

/// A week later everything is read whole: nobody is taken for new or deleted.
async fn a_week_later(world: &World) {
    world.rig.later(8 * 24 * 60);
    world.sync().await;
    world.assert_same("a week");
}

#[tokio::test]
async fn the_rfcs_examples_made_in_google_follow_every_step_there() {
    let world = made_in_google(of_the_rfc()).await;
    lay_hands_on(&world, Place::Google).await;
    split(&world).await;
    world.assert_rest_of_events();
    a_week_later(&world).await;
}

#[tokio::test]
async fn the_rfcs_examples_made_in_google_follow_every_step_in_the_crm() {
    let world = made_in_google(of_the_rfc()).await;
    lay_hands_on(&world, Place::Crm).await;
    world.assert_rest_of_events();
    a_week_later(&world).await;
}

#[tokio::test]
async fn odd_rules_made_in_google_follow_every_step_there() {
    let world = made_in_google(of_ours()).await;
    lay_hands_on(&world, Place::Google).await;
    split(&world).await;
    world.assert_rest_of_events();
    a_week_later(&world).await;
}

#[tokio::test]
async fn odd_rules_made_in_google_follow_every_step_in_the_crm() {
    let world = made_in_google(of_ours()).await;
    lay_hands_on(&world, Place::Crm).await;
    world.assert_rest_of_events();
    a_week_later(&world).await;
}

#[tokio::test]
async fn rows_of_the_crm_follow_every_step_in_google() {
    let world = made_in_the_crm().await;
    assert!(world.masters().len() > 40, "{}", world.masters().len());
    lay_hands_on(&world, Place::Google).await;
    split(&world).await;
    a_week_later(&world).await;
}

#[tokio::test]
async fn rows_of_the_crm_follow_every_step_there() {
    let world = made_in_the_crm().await;
    lay_hands_on(&world, Place::Crm).await;
    a_week_later(&world).await;
}

#[tokio::test]
async fn a_series_too_dense_is_told_once_and_holds_up_nothing() {
    let (began, entries) = of_the_rfc();
    let world = World::at(began, Vec::new()).await;
    let dense = entries
        .iter()
        .find(|entry| entry.title.contains("every 20 minutes"))
        .unwrap();
    let online = world.rig.anna_at_google();
    let id = online.create("primary", &dense.event()).unwrap();
    let start = began + TimeDelta::days(1);
    online
        .create_timed("primary", "Lunch", start, start + TimeDelta::hours(1))
        .unwrap();
    let run = world.rig.sync().await;
    assert_eq!(
        (run.outcome.as_str(), run.to_crm()),
        ("partial", (1, 0, 0)),
        "{run:?}"
    );
    let problems: Vec<_> = run
        .problems
        .iter()
        .map(|problem| (problem.code.as_str(), problem.google_id.as_deref()))
        .collect();
    assert_eq!(problems, [("series_too_dense", Some(id.as_str()))]);
    // Looked at again when it is due, and not told again.
    for _ in 0..3 {
        world.rig.later(31);
        let run = world.rig.sync().await;
        assert_eq!((run.problems.len(), run.to_crm()), (0, (0, 0, 0)), "{run:?}");
    }
    // Given an end, it is carried.
    online
        .edit(
            "primary",
            &id,
            &json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"] }),
        )
        .unwrap();
    world.rig.later(20);
    assert_eq!(world.rig.sync_to_rest().await.to_crm(), (3, 0, 0));
}
