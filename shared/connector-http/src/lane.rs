//! One side's way out for one run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sync_core::port::Entropy;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::client::{Answer, HttpClient, HttpFailure};
use crate::pacer::Pacer;

/// Most tries of one call: three repeats outlast a hiccup; a longer outage is for the next run.
const TRIES_MAX: u32 = 4;
/// First wait between two tries.
const WAIT_FIRST: Duration = Duration::from_millis(500);
/// Longest wait between two tries that nobody asked for.
const WAIT_MAX: Duration = Duration::from_secs(8);
/// Waiting for repeats stops here; a server that asks for more patience gets it from the schedule.
const WAIT_TOTAL_MAX: Duration = Duration::from_secs(40);

/// Whether a call whose outcome is unknown may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Twice does the same as once: reads, guarded writes, creations under an id of our own.
    Harmless,
    /// The caller must first look what became of it.
    Never,
}

/// What an answer means for repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the answer.
    Final,
    /// Refused for being too many or too soon: certainly not carried out, so even a call that must not be sent
    /// twice may be.
    Refused,
    /// The server failed; whether it was carried out is unknown.
    Broken,
}

/// The verdict by status alone: 429, and 503 with a time to wait, are refusals; any other 5xx is a failure.
pub fn by_status(answer: &Answer) -> Verdict {
    match answer.status {
        429 => Verdict::Refused,
        503 if answer.retry_after().is_some() => Verdict::Refused,
        500.. => Verdict::Broken,
        _ => Verdict::Final,
    }
}

/// Sends one side's calls: counted, so many at once, at the side's pace, and repeated where that helps.
///
/// Clones share counter, limit and pace.
#[derive(Debug, Clone)]
pub struct Lane {
    http: HttpClient,
    requests: Arc<AtomicU64>,
    permits: Arc<Semaphore>,
    pacer: Option<Arc<Pacer>>,
    entropy: Arc<dyn Entropy>,
}

impl Lane {
    /// A lane with that many calls under way at once.
    pub fn new(http: HttpClient, concurrency: usize, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            http,
            requests: Arc::new(AtomicU64::new(0)),
            permits: Arc::new(Semaphore::new(concurrency.max(1))),
            pacer: None,
            entropy,
        }
    }

    /// The same lane at a pace.
    #[must_use]
    pub fn paced(self, pacer: Arc<Pacer>) -> Self {
        Self {
            pacer: Some(pacer),
            ..self
        }
    }

    /// A lane that shares limit and pace with this one and counts for itself: one run's part of a limit that
    /// several runs have to keep together.
    #[must_use]
    pub fn counting_anew(&self) -> Self {
        Self {
            requests: Arc::default(),
            ..self.clone()
        }
    }

    /// How many requests have been sent, repeats included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Sends a request, again where that is harmless and may help, and returns the last answer.
    ///
    /// `classify` tells quota refusals and failures of the server from answers, by status or by what the body
    /// says; [`by_status`] will do where the provider hides nothing in the body.
    ///
    /// # Errors
    /// The last failure. Where `repeat` is `Never`, a failure or answer that leaves the outcome unknown comes
    /// back at once.
    pub async fn call(
        &self,
        request: http::Request<Vec<u8>>,
        repeat: Repeat,
        classify: impl Fn(&Answer) -> Verdict + Send + Sync,
    ) -> Result<Answer, HttpFailure> {
        let started = Instant::now();
        let mut tried = 0;
        loop {
            tried += 1;
            let result = self.once(request.clone()).await;
            let asked = match &result {
                Ok(answer) => match (classify(answer), repeat) {
                    (Verdict::Final, _) | (Verdict::Broken, Repeat::Never) => return result,
                    (Verdict::Refused, _) | (Verdict::Broken, Repeat::Harmless) => answer.retry_after(),
                },
                Err(failure) => {
                    let again = failure.worth_another_try()
                        && (repeat == Repeat::Harmless || !failure.outcome_unknown());
                    if !again {
                        return result;
                    }
                    None
                }
            };
            let wait = self.wait(tried, asked);
            if tried >= TRIES_MAX || started.elapsed() + wait > WAIT_TOTAL_MAX {
                return result;
            }
            tracing::debug!(tried, wait_ms = wait.as_millis(), "call is repeated");
            sleep(wait).await;
        }
    }

    async fn once(&self, request: http::Request<Vec<u8>>) -> Result<Answer, HttpFailure> {
        // The semaphore is never closed; without a permit the call would go ahead all the same.
        let _permit = self.permits.acquire().await.ok();
        if let Some(pacer) = &self.pacer {
            pacer.permission().await;
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.http.send(request).await
    }

    /// What the server asked for, or twice as long as the time before; in both cases a random part is added or
    /// taken, so that those refused together do not come back together.
    pub(crate) fn wait(&self, tried: u32, asked: Option<Duration>) -> Duration {
        let doubled = WAIT_FIRST
            .saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)))
            .min(WAIT_MAX);
        match asked {
            Some(asked) => asked + doubled.mul_f64(self.fraction() / 2.0),
            None => doubled.mul_f64(0.5 + self.fraction() / 2.0),
        }
    }

    /// A random number from 0 to 1.
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}
