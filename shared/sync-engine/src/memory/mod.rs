//! What we remember, typed, over the one [`Store`] door.
//!
//! | what | partition | sort key | expires |
//! |---|---|---|---|
//! | registered CRM | `CRMS` | `<crm>` | |
//! | account link (leased by its run) | `T#<crm>` | `U#<user>` | |
//! | pair | `M#<crm>#<user>` | `C#<kind>#<crm record>` | |
//! | its twin, found by Google's id | `M#<crm>#<user>` | `G#<kind>#<google record>` | |
//! | record parked with a reason | `M#<crm>#<user>` | `H#<kind>#<side>#<record>` | |
//! | work that is begun and may be cut off | `M#<crm>#<user>` | `B#<kind>#<fence>-<number>` | |
//! | run that did something | `R#<crm>#<user>` | `<time>#<run>` | 30 days |
//! | journal entry | `J#<crm>#<user>` | `<time>#<entry>` | 30 days |
//! | thing good once (state, token id) | `O#<name>` | `O` | minutes |
//! | sealed value | `K#<owner>` | `<name>` | |
//!
//! An account link is one item: its `body` belongs to the pages and the administration, its `progress` to the
//! run, so that a run that finds nothing to do costs two writes and no read. Ids inside keys have `%` and `#`
//! percent-encoded. Every body carries a schema number.

#![expect(
    clippy::missing_errors_doc,
    reason = "everything here fails as `StoreFailure` says, and in no other way"
)]

mod account_link;
mod codec;
mod crm;
mod journal;
mod keys;
mod once;
mod pairs;
mod progress;
mod runs;
mod under_way;

use std::sync::Arc;

use sync_core::port::{Store, StoreFailure};

pub use account_link::{AccountLink, AccountLinkBody, AccountLinkState, Confirmation, GoogleAccount, Leased};
pub use codec::SCHEMA;
pub use crm::CrmRegistration;
pub use journal::{JournalEntry, Loss};
pub use pairs::{PairWrite, ParkedRecord};
pub use progress::{AskedToWait, HeldDeletions, KindProgress, ParkedCount, Progress};
pub use under_way::{Making, UnderWay, Work};

/// Days that runs and journal entries are kept.
pub const HISTORY_DAYS: i64 = 30;

/// Our memory.
#[derive(Debug, Clone)]
pub struct Memory {
    store: Arc<dyn Store>,
}

/// A value with the version under which it was read, to be handed back when writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// Its version.
    pub version: u64,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items; a page may be short although more follow.
    pub items: Vec<T>,
    /// Where to go on, if there is more.
    pub next_cursor: Option<String>,
}

impl Memory {
    /// Memory over a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The store underneath.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }
}

/// Result of everything here.
pub type Remembered<T> = Result<T, StoreFailure>;
