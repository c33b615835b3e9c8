//! Where a connector puts what it takes away for a moment.

use async_trait::async_trait;

use crate::failure::Failure;

/// Keeps what a write takes away for a moment and nobody else knows of, so that it can be put back where the write was
/// cut off. What is kept is for the connector alone to understand.
///
/// It is kept until the write has come to a good end. After a run that died, or whose write failed, the next one hands
/// it to [`Remote::put_back`](super::Remote::put_back) before it reads anything.
#[async_trait]
pub trait Safekeeping: Send + Sync {
    /// Keeps it. Once this has answered well, it may be taken away.
    ///
    /// # Errors
    /// As the store fails: then nothing may be taken away.
    async fn keep(&self, taken: serde_json::Value) -> Result<(), Failure>;
}
