//! The sync function: one run for the account link that the event names, within the time that is left.
//!
//! | module | holds |
//! |---|---|
//! | [`event`](SyncEvent) | what the function is started with |
//! | [`Syncer`] | the run itself |
//! | [`config`] | its environment |
//!
//! `main` puts the doors together and hands events to [`Syncer::handle`]. The function returns the record of the
//! run; a run that could not be done is a record too. Only an event that names no account link is an error.

pub mod config;
mod event;

use std::time::Duration;

use sync_engine::report::RunRecord;
use sync_engine::run::Engine;

pub use event::{BadEvent, SyncEvent};

/// Time left to hand the record back once the engine has ended; it keeps its own time for closing.
pub const RESERVE: Duration = Duration::from_secs(2);

/// Runs account links as events name them.
#[derive(Debug, Clone)]
pub struct Syncer {
    engine: Engine,
}

impl Syncer {
    /// A syncer over an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// Runs the account link that the event names, once, within the time left.
    ///
    /// # Errors
    /// [`BadEvent`] where the event names no account link. It says which field is wrong and shows no value.
    pub async fn handle(
        &self,
        event: &serde_json::Value,
        time_left: Duration,
    ) -> Result<RunRecord, BadEvent> {
        let event = SyncEvent::read(event)?;
        Ok(self
            .engine
            .run(event.into_request(), time_left.saturating_sub(RESERVE))
            .await)
    }
}

#[cfg(test)]
mod tests;
