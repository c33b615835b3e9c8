//! What is in scope, and as what it travels.

use chrono::NaiveDate;
use sync_core::base::fingerprints;
use sync_core::change::{Change, ReadOnly};
use sync_core::kind::event::{EventLimits, EventRecord, When};
use sync_core::plan::Action;
use sync_core::policy::{Direction, Hours, PrivateMode};
use sync_core::side::Side;

use crate::ground::{Case, at, event, id, seen, timed};

fn new_on(side: Side, record: EventRecord) -> Case {
    let change = vec![Change::Present(seen(side, "n", "1", record))];
    let mut case = Case {
        pairs: Vec::new(),
        ..Case::default()
    };
    match side {
        Side::Crm => case.crm = change,
        Side::Google => case.google = change,
    }
    case
}

fn private() -> EventRecord {
    EventRecord {
        private: true,
        ..event("secret")
    }
}

#[test]
fn items_before_the_start_are_left_alone() {
    let mut old = event("old");
    old.when = When::Timed {
        start: at(-24 * 31),
        end: at(-24 * 31 + 1),
    };
    assert!(new_on(Side::Crm, old.clone()).told().is_empty());
    assert!(new_on(Side::Google, old).told().is_empty());
}

#[test]
fn private_events_travel_as_the_mode_says() {
    for (mode, to_google, to_crm) in [
        (PrivateMode::Both, true, true),
        (PrivateMode::ToGoogle, true, false),
        (PrivateMode::ToCrm, false, true),
        (PrivateMode::None, false, false),
    ] {
        for (side, travels) in [(Side::Crm, to_google), (Side::Google, to_crm)] {
            let mut case = new_on(side, private());
            case.settings.private = mode;
            assert_eq!(case.told().len(), usize::from(travels), "{mode:?} from {side}");
        }
    }
}

fn copied(case: &Case) -> EventRecord {
    match &case.plan().steps.first().expect("one step").action {
        Action::Create { create, .. } => create.record.clone(),
        other @ (Action::CreateSeries { .. }
        | Action::Write(_)
        | Action::Delete { .. }
        | Action::Remember(_)
        | Action::Forget) => {
            panic!("{other:?}")
        }
    }
}

#[test]
fn a_side_that_cannot_keep_a_secret_is_told_none() {
    let mut case = new_on(Side::Google, private());
    case.limits.crm.has_private = false;
    let copy = copied(&case);
    assert_eq!(
        (
            copy.title.as_str(),
            copy.description.as_str(),
            copy.location.as_str()
        ),
        ("Busy", "", "")
    );
    assert_eq!(copy.when, timed(9));
    assert_eq!(
        copied(&new_on(Side::Google, private())).title,
        "secret",
        "a side with the flag gets it all"
    );
}

#[test]
fn hidden_content_makes_no_traffic() {
    let with = |secret: &str| {
        let mut case = new_on(
            Side::Google,
            EventRecord {
                title: secret.to_owned(),
                ..private()
            },
        );
        case.settings.private_as_busy = true;
        case.told()
    };
    assert_eq!(with("doctor"), with("lawyer"));
}

#[test]
fn hours_are_those_of_their_zone() {
    let hours = Hours {
        days: vec!["mon".to_owned()],
        from: "08:00".to_owned(),
        to: "19:00".to_owned(),
        time_zone: "Europe/Rome".to_owned(),
    };
    // 1 June 2026 is a Monday; Rome is two hours ahead of UTC.
    for (hour, inside) in [(5, false), (6, true), (16, true), (17, false), (24 + 9, false)] {
        let mut record = event("when");
        record.when = timed(hour);
        let mut case = new_on(Side::Crm, record);
        case.settings.hours = Some(hours.clone());
        assert_eq!(case.told().len(), usize::from(inside), "{hour} UTC");
    }
    let day = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    let record = EventRecord {
        when: When::AllDay {
            start: day,
            end: day.succ_opt().unwrap(),
        },
        ..event("day")
    };
    let mut case = new_on(Side::Crm, record);
    case.settings.hours = Some(hours);
    assert_eq!(case.told().len(), 1, "an all-day event counts by its day");
}

#[test]
fn odd_events_are_left_out_and_foreign_ones_are_carried() {
    for (why, carried) in [
        (ReadOnly::EventType, false),
        (ReadOnly::HiddenDetails, false),
        (ReadOnly::NotOrganizer, true),
        (ReadOnly::Calendar, true),
    ] {
        let mut odd = seen(Side::Google, "n", "1", event("odd"));
        odd.traits.read_only = Some(why);
        let case = Case {
            pairs: Vec::new(),
            google: vec![Change::Present(odd)],
            ..Case::default()
        };
        assert_eq!(case.told().len(), usize::from(carried), "{why:?}");
    }
}

#[test]
fn record_types_and_direction_are_respected() {
    let mut call = seen(Side::Crm, "n", "1", event("call"));
    call.traits.record_type = Some("call");
    let mut case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(call)],
        ..Case::default()
    };
    assert_eq!(case.told().len(), 1);
    case.settings.record_types = vec!["meeting".to_owned()];
    assert!(case.told().is_empty());
    case.settings.record_types = vec!["call".to_owned()];
    case.settings.direction = Direction::GoogleToCrm;
    assert!(case.told().is_empty());
}

#[test]
fn leaving_the_scope_is_no_deletion() {
    let mut case = Case::default();
    let mut moved = event("base");
    moved.when = timed(22);
    case.settings.hours = Some(Hours {
        days: vec!["mon".to_owned()],
        from: "08:00".to_owned(),
        to: "19:00".to_owned(),
        time_zone: "UTC".to_owned(),
    });
    case.crm = vec![Change::Present(seen(Side::Crm, "a", "2", moved))];
    assert_eq!(case.told(), ["note"]);
}

#[test]
fn hiding_an_event_leaves_what_is_not_hidden_to_whoever_changed_it() {
    let hidden = EventRecord {
        private: true,
        ..event("base")
    };
    let moved = EventRecord {
        when: timed(20),
        ..event("base")
    };
    let case = Case {
        crm: vec![Change::Present(seen(Side::Crm, "a", "2", moved))],
        google: vec![Change::Present(seen(Side::Google, "a", "2", hidden))],
        ..Case::default()
    };
    let plan = case.plan();
    let step = plan.steps.first().expect("one step");
    assert!(step.lost.is_empty(), "nothing is contested: {:?}", step.lost);
}

/// A side that knows no private events.
fn poor() -> EventLimits {
    EventLimits {
        has_private: false,
        ..EventLimits::none()
    }
}

#[test]
fn what_stays_visible_is_not_sent_anew_when_an_event_is_made_private() {
    let private = EventRecord {
        private: true,
        ..event("base")
    };
    let case = Case {
        crm: vec![Change::Present(seen(Side::Crm, "a", "2", private))],
        google: vec![Change::Present(seen(Side::Google, "a", "2", event("renamed")))],
        ..Case::default()
    };
    assert!(case.plan().steps.first().expect("one step").lost.is_empty());
}

#[test]
fn a_copy_made_private_does_not_overwrite_an_original_that_cannot_be() {
    let private = EventRecord {
        private: true,
        ..event("renamed")
    };
    let mut case = Case {
        google: vec![Change::Present(seen(Side::Google, "a", "2", private))],
        ..Case::default()
    };
    case.limits.crm = poor();
    assert_eq!(case.told(), ["note"]);
}

#[test]
fn a_record_made_anew_from_its_copy_is_the_copy_from_then_on() {
    let private = EventRecord {
        private: true,
        ..event("edited")
    };
    let mut case = Case {
        crm: vec![Change::Removed(id(Side::Crm, "a"))],
        google: vec![Change::Present(seen(Side::Google, "a", "2", private))],
        ..Case::default()
    };
    case.settings.private_as_busy = true;
    let plan = case.plan();
    let step = plan.steps.first().expect("one step");
    assert_eq!((step.origin, step.veiled), (Side::Google, true));
}

#[test]
fn a_copy_taken_away_to_hide_its_original_does_not_take_the_original_along() {
    let mut case = Case {
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", private()))],
        google: vec![Change::Removed(id(Side::Google, "a"))],
        ..Case::default()
    };
    let fields = fingerprints(&private());
    case.pairs[0].half.crm.fields = fields;
    case.settings.private = PrivateMode::None;
    assert_eq!(case.told(), ["forget"]);
}

#[test]
fn a_private_copy_met_again_does_not_overwrite_its_original() {
    let mut copy = seen(Side::Google, "copy-0-a", "2", private());
    copy.traits.made_from = Some(id(Side::Crm, "a"));
    let mut case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", event("base")))],
        google: vec![Change::Present(copy)],
        ..Case::default()
    };
    case.limits.crm = poor();
    assert_eq!(case.told(), ["join"]);
}
