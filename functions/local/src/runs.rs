//! The runs that the built-in schedule starts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sync_engine::run::{Engine, RunRequest};

use crate::progress::Progress;
use crate::timetable::Runs;

/// Time that a scheduled run may take before it saves and goes on in a next one; as on Lambda.
pub(crate) const BUDGET: Duration = Duration::from_mins(15);

/// How often a run under way is mentioned in the log.
const MENTION_EVERY: Duration = Duration::from_secs(15);

/// Runs account links by the engine, and mentions those that take long.
#[derive(Debug)]
pub struct EngineRuns {
    /// The engine.
    pub engine: Engine,
    /// How far its runs are.
    pub progress: Arc<Progress>,
}

#[async_trait]
impl Runs for EngineRuns {
    async fn run(&self, request: RunRequest) {
        let link = request.link.clone();
        let mentions = async {
            let mut seconds = 0;
            loop {
                tokio::time::sleep(MENTION_EVERY).await;
                seconds += MENTION_EVERY.as_secs();
                tracing::info!("{}", self.progress.line(&link, seconds));
            }
        };
        // The engine logs the record's sum itself, and keeps the record.
        tokio::select! {
            _record = self.engine.run(request, BUDGET) => {}
            () = mentions => {}
        }
        self.progress.ended(&link);
    }
}
