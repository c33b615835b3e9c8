//! The loop that starts what is due.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sync_core::id::AccountLinkId;
use sync_engine::run::RunRequest;
use tokio::task::JoinSet;

use super::Timetable;

/// Runs of different account links at one time. They mostly wait for answers; more of them would only make the
/// CRM's server, which they may all share, slower.
pub const RUNS_AT_ONCE: usize = 4;

/// What a run is, to the schedule.
#[async_trait]
pub trait Runs: Send + Sync + 'static {
    /// Runs once, from beginning to end.
    async fn run(&self, request: RunRequest);
}

/// How long runs under way may take to end once the process is asked to stop. After that they are dropped where
/// they stand, which loses nothing: a run may be killed at any moment.
pub const GRACE: Duration = Duration::from_secs(10);

/// Starts runs as they become due, until `stop` is ready; then waits [`GRACE`] for those that are under way.
///
/// A run that panics ends like any other: its account link is due again after its interval.
pub async fn drive(timetable: Timetable, runs: Arc<dyn Runs>, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut under_way: JoinSet<()> = JoinSet::new();
    loop {
        while under_way.len() < RUNS_AT_ONCE
            && let Some(request) = timetable.take()
        {
            let running = Running {
                timetable: timetable.clone(),
                link: request.link.clone(),
            };
            let runs = Arc::clone(&runs);
            under_way.spawn(async move {
                let _running = running;
                runs.run(request).await;
            });
        }
        tokio::select! {
            () = &mut stop => break,
            () = timetable.changed.notified() => {}
            () = until_due(&timetable) => {}
            Some(ended) = under_way.join_next() => report(ended),
        }
    }
    let rest = async {
        while let Some(ended) = under_way.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::info!("stopped in the middle of a run; the next start goes on from there");
    }
}

/// Frees the account link when its run ends, by whatever way it ends.
struct Running {
    timetable: Timetable,
    link: AccountLinkId,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.timetable.ended(&self.link);
    }
}

async fn until_due(timetable: &Timetable) {
    let Some(due_at) = timetable.next_due() else {
        return std::future::pending().await;
    };
    let wait = (due_at - timetable.clock.now()).to_std().unwrap_or_default();
    // With every place taken, what is due waits for a place and not for the clock.
    tokio::time::sleep(wait.max(SHORTEST_WAIT)).await;
}

/// Keeps the loop from spinning while more is due than may run.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(error = %error, "a run ended in a panic; the account link is due again after its interval");
    }
}
