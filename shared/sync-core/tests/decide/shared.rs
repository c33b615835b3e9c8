//! What of a record both sides can hold, by which a copy is known to say what was sent.

use chrono::{DateTime, Utc};
use sync_core::base::shared_fingerprint;
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, ContactField, ContactLimits, ContactRecord};
use sync_core::kind::event::{EventLimits, EventRecord, When};
use sync_core::kind::task::{Due, Status, TaskLimits, TaskRecord};
use sync_core::side::PerSide;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Among variants of a record, those are told to be one that a side with these limits cannot tell apart, and no others.
/// The first number of variants says what the first one says.
fn check<R: Record + std::fmt::Debug>(poor: &R::Limits, rich: &R::Limits, variants: &[R], alike: usize) {
    for limits in [
        PerSide {
            crm: poor,
            google: rich,
        },
        PerSide {
            crm: rich,
            google: poor,
        },
    ] {
        let [first, ..] = variants else { return };
        let said = shared_fingerprint(first, limits);
        for (place, variant) in variants.iter().enumerate() {
            let is_alike = shared_fingerprint(variant, limits) == said;
            assert_eq!(is_alike, place < alike, "{variant:?}");
            let mut fields = R::FIELDS.iter();
            let same = fields.all(|field| first.same(*field, variant, limits));
            assert!(same || !is_alike, "{variant:?}");
        }
    }
}

#[test]
fn events() {
    let poor = EventLimits {
        title_chars: Some(4),
        has_private: false,
        has_location: false,
        four_byte_characters: false,
        time_step_seconds: 60,
        ..EventLimits::none()
    };
    let event = |title: &str, location: &str, start: &str, private: bool| EventRecord {
        title: title.to_owned(),
        description: "d".to_owned(),
        location: location.to_owned(),
        when: When::Timed {
            start: at(start),
            end: at("2026-12-01T11:00:00Z"),
        },
        private,
    };
    let variants = [
        event("Lunch", "", "2026-12-01T10:00:00Z", false),
        event("Lunc", "Rome", "2026-12-01T10:00:30Z", true),
        event("Lun", "", "2026-12-01T10:00:00Z", false),
        event("Lunch", "", "2026-12-01T10:01:00Z", false),
    ];
    check(&poor, &EventLimits::none(), &variants, 2);
    check(&EventLimits::none(), &EventLimits::none(), &variants, 1);
}

#[test]
fn tasks() {
    let poor = TaskLimits {
        title_chars: Some(4),
        has_due_time: false,
        completed_step_seconds: None,
        ..TaskLimits::none()
    };
    let task = |title: &str, time: Option<&str>, status: Status| TaskRecord {
        title: title.to_owned(),
        notes: "n".to_owned(),
        due: Some(Due {
            day: "2026-12-01".parse().unwrap(),
            time: time.map(|time| time.parse().unwrap()),
        }),
        status,
    };
    let done = Status::Completed {
        at: Some(at("2026-12-01T10:00:00Z")),
    };
    let variants = [
        task("Call back", Some("10:00:00"), done),
        task("Call", None, Status::Completed { at: None }),
        task("Call", None, Status::Open),
        task("Cal", None, done),
    ];
    check(&poor, &TaskLimits::none(), &variants, 2);
    check(&TaskLimits::none(), &TaskLimits::none(), &variants, 1);
}

#[test]
fn contacts() {
    let mut poor = ContactLimits {
        chars: [(ContactField::FamilyName, 4)].into(),
        birthday_without_year: false,
        ..ContactLimits::none()
    };
    poor.fields.remove(&ContactField::Website);
    let contact = |family: &str, email: &str, street: &str| ContactRecord {
        family_name: family.to_owned(),
        email_work: email.to_owned(),
        phone_work: "+39 011 2".to_owned(),
        address_work: Address {
            street: street.to_owned(),
            ..Address::default()
        },
        ..ContactRecord::default()
    };
    let variants = [
        contact("Verdi", "Carla@example.com", "Via Roma 1\nscala B"),
        ContactRecord {
            website: "example.com".to_owned(),
            phone_work: "+39-011-2".to_owned(),
            ..contact("Verd", "carla@example.com", "Via Roma 1, scala B")
        },
        contact("Verdi", "carla@example.org", "Via Roma 1\nscala B"),
        contact("Verdi", "Carla@example.com", "Via Roma 2\nscala B"),
        contact("Ver", "Carla@example.com", "Via Roma 1\nscala B"),
    ];
    check(&poor, &ContactLimits::none(), &variants, 2);
    check(&ContactLimits::none(), &ContactLimits::none(), &variants, 1);
}
