//! How each provider keeps each kind of record.

use chrono::Duration;
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use sync_core::kind::contact::{ContactField, ContactLimits, ContactRecord};
use sync_core::kind::event::{EventLimits, EventRecord};
use sync_core::kind::task::{TaskLimits, TaskRecord};
use sync_core::policy::ContactScope;

use crate::kinds::Played;
use crate::server::Nature;

/// Longest title the poor CRM keeps: short, so that cutting happens often.
const POOR_TITLE_CHARS: usize = 4;

/// Slots that the poor CRM has not.
const POOR_LACKS: [ContactField; 9] = [
    ContactField::MiddleName,
    ContactField::Suffix,
    ContactField::EmailHome,
    ContactField::PhoneOther,
    ContactField::PhoneFax,
    ContactField::AddressHome,
    ContactField::AddressOther,
    ContactField::Website,
    ContactField::WebsiteOther,
];

/// A provider's habits, kind by kind.
#[derive(Debug)]
pub(crate) struct Habits {
    pub(crate) events: Nature<EventRecord>,
    pub(crate) tasks: Nature<TaskRecord>,
    pub(crate) contacts: Nature<ContactRecord>,
}

impl Habits {
    /// A CRM that cuts titles, squeezes blanks, loses emoji, and has neither private events nor seconds, instants of
    /// completion, or more than a few slots. Of deletions it does not tell.
    pub(crate) fn poor(random: &mut SmallRng) -> Self {
        let skew = skew(random);
        let events = EventLimits {
            title_chars: Some(POOR_TITLE_CHARS),
            has_private: false,
            four_byte_characters: false,
            time_step_seconds: 60,
            ..EventLimits::none()
        };
        let tasks = TaskLimits {
            title_chars: Some(POOR_TITLE_CHARS),
            completed_step_seconds: None,
            four_byte_characters: false,
            ..TaskLimits::none()
        };
        let mut contacts = ContactLimits {
            chars: [(ContactField::FamilyName, POOR_TITLE_CHARS)].into(),
            birthday_without_year: false,
            four_byte_characters: false,
            ..ContactLimits::none()
        };
        contacts.fields.retain(|field| !POOR_LACKS.contains(field));
        Self {
            events: Nature {
                keeps_rows: random.random_bool(0.5),
                ..nature(events, true, skew)
            },
            tasks: Nature {
                has_tombstones: false,
                ..nature(tasks, true, skew)
            },
            contacts: Nature {
                has_tombstones: false,
                ..nature(contacts, true, skew)
            },
        }
    }

    /// A CRM that keeps whatever it is given, but for double blanks.
    pub(crate) fn rich(random: &mut SmallRng) -> Self {
        let skew = skew(random);
        Self {
            events: Nature {
                keeps_rows: random.random_bool(0.5),
                ..nature(EventLimits::none(), true, skew)
            },
            tasks: nature(TaskLimits::none(), true, skew),
            contacts: nature(ContactLimits::none(), true, skew),
        }
    }

    /// Google: names and marks of ours in the calendar, marks without names among the contacts, neither in a task list.
    pub(crate) fn of_google(random: &mut SmallRng, scope: ContactScope) -> Self {
        let skew = skew(random);
        let tasks = TaskLimits {
            has_due_time: false,
            ..TaskLimits::none()
        };
        let mut contacts = ContactLimits::none();
        if scope == ContactScope::All {
            contacts.fields.remove(&ContactField::Labelled);
        }
        let lag = *[0, 30, 180].choose(random).unwrap();
        Self {
            events: Nature {
                keeps_marks: true,
                keeps_series: true,
                ..nature(EventLimits::none(), false, skew)
            },
            tasks: Nature {
                draws_names: true,
                ..nature(tasks, false, skew)
            },
            contacts: Nature {
                draws_names: true,
                keeps_marks: true,
                lists_lag: Duration::seconds(lag),
                ..nature(contacts, false, skew)
            },
        }
    }
}

fn skew(random: &mut SmallRng) -> Duration {
    Duration::minutes(random.random_range(-10..=10))
}

/// A side that names records as it is told, and tells of deletions at once.
fn nature<R: Played>(limits: R::Limits, squeezes: bool, skew: Duration) -> Nature<R> {
    Nature {
        limits,
        squeezes,
        skew,
        draws_names: false,
        keeps_marks: false,
        has_tombstones: true,
        keeps_series: false,
        keeps_rows: false,
        lists_lag: Duration::zero(),
    }
}
