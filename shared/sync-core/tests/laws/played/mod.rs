//! What the worlds must know of a kind to play it: small alphabets, servers that keep less than they were given, and
//! the rules of its scope, told from the rules and not from the program.
//!
//! | file | plays |
//! |---|---|
//! | `event` | meetings and calls, some of them private |
//! | `contact` | contacts, with several slots for values of one sort |
//! | `task` | tasks, of which one side may know a time of day and when they were done |

mod contact;
mod event;
mod task;

use chrono::{DateTime, Utc};
use sync_core::kind::Record;
use sync_core::kind::event::normal_text;
use sync_core::side::Side;

use crate::history::{Content, Kept, Policy};

/// A kind that the worlds can play.
pub(crate) trait Played: Record {
    /// The fields that people edit; those that are named twice are edited twice as often.
    const EDITED: &'static [Self::Field];
    /// The field of which guests may be told, if there is one.
    const TOLD: Option<Self::Field> = None;
    /// The field that takes a record out of scope, and tells the other side so.
    const LEAVING: Option<Self::Field> = None;

    /// What a record says, by numbers into the alphabets; in another world its secrets say something else.
    fn of(content: Content, other: bool) -> Self;
    /// Changes one field, as a person would.
    fn edit(&mut self, field: Self::Field, value: usize, other: bool);
    /// What a side cannot hold.
    fn limits(kept: Kept) -> Self::Limits;
    /// The record as a server keeps it.
    #[must_use]
    fn kept(&self, limits: &Self::Limits, rewrites: bool) -> Self;
    /// The settings.
    fn settings(policy: &Policy) -> Self::Settings;
    /// How a record that may travel at all is carried to a side that can hold so much.
    fn carried(&self, terms: &Terms, target: &Self::Limits) -> Carried;

    /// Whether a value is as good as one that another record has in a field of the same sort.
    fn is_one(&self, field: Self::Field, other: &Self, there: Self::Field) -> bool {
        self.fingerprint(field) == other.fingerprint(there)
    }
    /// What a record says after this one's value of a field was written over its own.
    #[must_use]
    fn written_over(&self, _field: Self::Field, _there: Option<&Self>) -> Self {
        self.clone()
    }
    /// The fields in which a value of this one is as good as here; none where it is nowhere else.
    fn slots(_field: Self::Field) -> &'static [Self::Field] {
        &[]
    }
    /// Whether a field is among those that a veiled copy does not show.
    fn is_content(_field: Self::Field) -> bool {
        false
    }
    /// What a record shows where its content is hidden.
    #[must_use]
    fn busy(&self) -> Self {
        self.clone()
    }
}

/// What decides about a record beside its content.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) policy: Policy,
    pub(crate) side: Side,
    /// What the CRM calls it.
    pub(crate) record_type: Option<&'static str>,
    /// When its side says that it was last changed.
    pub(crate) modified_at: DateTime<Utc>,
}

/// How a record is carried to the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Carried {
    /// As it is.
    Whole,
    /// As "Busy".
    Busy,
    /// Not, and a copy of it may not be there.
    Hidden,
    /// Not; what is there stays.
    Not,
    /// Not, but for that a person took it out of scope.
    Leaving,
}

impl Carried {
    /// Whether it is carried at all.
    pub(crate) fn is(self) -> bool {
        self == Carried::Whole || self == Carried::Busy
    }
}

/// What a server does to a text.
#[derive(Debug, Clone, Copy)]
struct Texts {
    /// Whether it writes some otherwise.
    rewrites: bool,
    /// Whether it knows characters of four bytes.
    four_byte_characters: bool,
}

impl Texts {
    /// A text as the server keeps it.
    fn keep(self, text: &str, chars: Option<usize>) -> String {
        let mut kept = text.to_owned();
        if self.rewrites {
            kept = kept.replace("--", "—");
        }
        if !self.four_byte_characters {
            let shown = |c: char| {
                if c.len_utf8() == 4 {
                    "????".to_owned()
                } else {
                    c.to_string()
                }
            };
            kept = kept.chars().map(shown).collect();
        }
        if let Some(chars) = chars {
            kept = kept.chars().take(chars).collect();
        }
        normal_text(&kept)
    }
}
