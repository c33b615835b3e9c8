//! Pairs that a CRM's own Google sync has made, which differ only in what it put where the CRM cannot say it.

use chrono::{DateTime, NaiveDate, Utc};
use sync_core::change::Change;
use sync_core::kind::event::{EventRecord, StandIns, When};
use sync_core::side::Side;

use crate::ground::{Case, event, seen};

fn days(start: &str, end: &str) -> When {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    When::AllDay {
        start: day(start),
        end: day(end),
    }
}

fn from_to(start: &str, end: &str) -> When {
    let at = |text: &str| {
        format!("{text}:00Z")
            .parse::<DateTime<Utc>>()
            .expect("an instant")
    };
    When::Timed {
        start: at(start),
        end: at(end),
    }
}

fn at(when: When) -> EventRecord {
    EventRecord {
        when,
        ..event("Fair")
    }
}

/// What the first run does with one record on each side.
fn told(crm: EventRecord, google: EventRecord) -> Vec<String> {
    let mut case = Case {
        pairs: Vec::new(),
        pairs_in_all: 0,
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", crm))],
        google: vec![Change::Present(seen(Side::Google, "b", "1", google))],
        ..Case::default()
    };
    case.limits.crm.stand_ins = Some(StandIns {
        zone: chrono_tz::Tz::Europe__Rome,
        untitled: "Google Event".to_owned(),
    });
    case.told()
}

#[test]
fn whole_days_are_found_in_the_hours_that_stand_for_them_and_nothing_is_written() {
    let july = || at(days("2026-07-10", "2026-07-12"));
    for (start, end) in [
        ("2026-07-09T22:00", "2026-07-11T22:00"),
        // Made in winter and in summer time of another year.
        ("2026-07-09T23:00", "2026-07-11T23:00"),
        ("2026-07-09T21:00", "2026-07-11T21:00"),
    ] {
        assert_eq!(told(at(from_to(start, end)), july()), ["join"], "{start}");
    }
    // A person moved it in the CRM, and Google got hours for it that the CRM's side reads as days.
    let hours = at(from_to("2026-07-09T22:00", "2026-07-11T22:00"));
    assert_eq!(told(july(), hours), ["join"]);
}

#[test]
fn hours_that_stand_for_other_days_or_for_none_are_something_else() {
    for (start, end) in [
        ("2026-07-10T00:00", "2026-07-12T00:00"),
        ("2026-07-10T22:00", "2026-07-12T22:00"),
        ("2026-07-09T22:00", "2026-07-09T22:30"),
        ("2026-07-09T22:00", "2026-07-10T22:00"),
    ] {
        let told = told(at(from_to(start, end)), at(days("2026-07-10", "2026-07-12")));
        assert_eq!(told.len(), 2, "{start}: {told:?}");
    }
}

#[test]
fn hours_that_both_are_hours_are_never_the_same_for_being_near_midnight() {
    let at_one = at(from_to("2026-07-09T23:00", "2026-07-11T23:00"));
    let at_midnight = at(from_to("2026-07-09T22:00", "2026-07-11T22:00"));
    assert_eq!(told(at_midnight, at_one), ["write When to crm, crm loses When"]);
}

#[test]
fn the_title_of_what_has_none_is_no_title() {
    let named = |title: &str| event(title);
    assert_eq!(told(named("Google Event"), named("")), ["join"]);
    assert_eq!(told(named("Another Event"), named("")).len(), 2);
    let without = Case {
        pairs: Vec::new(),
        pairs_in_all: 0,
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", named("Google Event")))],
        google: vec![Change::Present(seen(Side::Google, "b", "1", named("")))],
        ..Case::default()
    };
    assert_eq!(without.told().len(), 2, "a CRM without such a sync");
}
