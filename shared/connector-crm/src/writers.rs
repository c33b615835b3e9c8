//! One writer at a time for each record, where a CRM has no conditional write.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::{Mutex, MutexGuard};

/// How many records can be written side by side without ever waiting for each other. Far more than requests.
const LOCKS: usize = 16;

/// Locks that records share by chance.
#[derive(Debug)]
pub(crate) struct Writers([Mutex<()>; LOCKS]);

impl Default for Writers {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Writers {
    /// Waits until nobody else here writes the record of that name.
    pub(crate) async fn only(&self, name: &str) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % 16).unwrap_or(0);
        Some(self.0.get(place)?.lock().await)
    }
}
