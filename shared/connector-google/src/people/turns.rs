//! Writes that wait for their turn, and go out together.
//!
//! Google wants the writes of one user one after another. Whoever gets the turn takes along everything of the same sort
//! that has come to wait meanwhile: with many writes under way a call carries many, and a single one waits for nobody.

use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use futures::channel::oneshot;
use futures::future::{BoxFuture, Either, poll_fn, select};
use sync_core::failure::Failure;

/// Most contacts in one call.
///
/// # Source
/// The published API description, `BatchCreateContactsRequest.contacts`, `BatchUpdateContactsRequest.contacts`
const CONTACTS_A_CALL: usize = 200;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns {
    turn: futures::lock::Mutex<()>,
    pub(super) creations: Queue<super::write::Creation, super::write::Made>,
    pub(super) changes: Queue<super::write::Change, super::write::Changed>,
    pub(super) deletions: Queue<super::write::Deletion, bool>,
}

/// Jobs of one sort that wait, each with the one who waits for its answer.
#[derive(Debug)]
pub(super) struct Queue<J, A>(Mutex<Vec<Waiting<J, A>>>);

#[derive(Debug)]
struct Waiting<J, A> {
    job: J,
    answer: oneshot::Sender<Result<A, Failure>>,
}

impl<J, A> Default for Queue<J, A> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl Turns {
    /// Does a job when its turn comes, together with others. `work` answers for each job, in their order.
    pub(super) async fn take<'a, J: Send, A: Send>(
        &'a self,
        queue: &Queue<J, A>,
        job: J,
        work: impl Fn(Vec<J>) -> BoxFuture<'a, Vec<Result<A, Failure>>>,
    ) -> Result<A, Failure> {
        let (answer, mut answered) = oneshot::channel();
        queue.push(Waiting { job, answer });
        others_first().await;
        loop {
            // Whoever had the turn before may have taken this job along.
            let _turn = match select(&mut answered, self.turn.lock()).await {
                Either::Left((Ok(answer), _)) => return answer,
                Either::Left((Err(oneshot::Canceled), _)) => {
                    return Err(Failure::retryable(
                        "connection_cut",
                        "the write was stopped before it was answered",
                        None,
                    ));
                }
                Either::Right((turn, _)) => turn,
            };
            let (jobs, waiting): (Vec<J>, Vec<_>) = queue
                .pull()
                .into_iter()
                .map(|waiting| (waiting.job, waiting.answer))
                .unzip();
            if jobs.is_empty() {
                continue;
            }
            let answers = work(jobs).await;
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                // Nobody waits any more where the run was stopped.
                drop(waiting.send(answer));
            }
        }
    }
}

impl<J, A> Queue<J, A> {
    fn push(&self, waiting: Waiting<J, A>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(waiting);
    }

    fn pull(&self) -> Vec<Waiting<J, A>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let many = waiting.len().min(CONTACTS_A_CALL);
        waiting.drain(..many).collect()
    }
}

/// Lets the other writes of the same run come to wait before the first one goes out.
async fn others_first() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
