//! The values to choose from, as the public interface has them. The words of each are in the catalogue, under the
//! name that stands before the values.

use sync_core::policy::{ConflictWinner, Deletions, Description, Direction, PrivateMode};

pub(super) const DIRECTIONS: (&str, [&str; 3]) = ("direction", ["both", "crm_to_google", "google_to_crm"]);
pub(super) const WINNERS: (&str, [&str; 3]) = ("winner", ["newest", "crm", "google"]);
pub(super) const PRIVATE: (&str, [&str; 4]) = ("private", ["both", "to_google", "to_crm", "none"]);
pub(super) const DELETIONS: (&str, [&str; 2]) = ("deletions", ["propagate", "keep"]);
pub(super) const DESCRIPTIONS: (&str, [&str; 2]) = ("description", ["text", "html"]);
pub(super) const CONTACT_SCOPES: (&str, [&str; 2]) = ("contacts", ["tagged", "all"]);
pub(super) const DAYS: (&str, [&str; 7]) = ("day", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

/// The word of a setting, as the public interface has it.
pub(super) trait Word {
    fn word(&self) -> &'static str;
}

impl Word for Direction {
    fn word(&self) -> &'static str {
        match self {
            Direction::Both => "both",
            Direction::CrmToGoogle => "crm_to_google",
            Direction::GoogleToCrm => "google_to_crm",
        }
    }
}

impl Word for ConflictWinner {
    fn word(&self) -> &'static str {
        match self {
            ConflictWinner::Newest => "newest",
            ConflictWinner::Crm => "crm",
            ConflictWinner::Google => "google",
        }
    }
}

impl Word for PrivateMode {
    fn word(&self) -> &'static str {
        match self {
            PrivateMode::Both => "both",
            PrivateMode::ToGoogle => "to_google",
            PrivateMode::ToCrm => "to_crm",
            PrivateMode::None => "none",
        }
    }
}

impl Word for Deletions {
    fn word(&self) -> &'static str {
        match self {
            Deletions::Propagate => "propagate",
            Deletions::Keep => "keep",
        }
    }
}

impl Word for Description {
    fn word(&self) -> &'static str {
        match self {
            Description::Text => "text",
            Description::Html => "html",
        }
    }
}
