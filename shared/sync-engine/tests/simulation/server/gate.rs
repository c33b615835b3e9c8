//! A provider's gate: whom it lets in.

use std::collections::BTreeSet;
use std::sync::Mutex;

use sync_core::failure::{Class, Failure};

/// Users whose authorisation is gone, whatever kind of record they ask for.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<BTreeSet<usize>>);

impl Gate {
    pub(crate) fn authorise(&self, link: usize, authorised: bool) {
        let mut unauthorised = self.0.lock().unwrap();
        if authorised {
            unauthorised.remove(&link);
        } else {
            unauthorised.insert(link);
        }
    }

    /// Refuses a user whose authorisation is gone.
    pub(crate) fn admit(&self, link: usize) -> Result<(), Failure> {
        if self.0.lock().unwrap().contains(&link) {
            return Err(Failure::new(
                Class::Reauth,
                "invalid_grant",
                "The authorisation is gone.",
            ));
        }
        Ok(())
    }
}
