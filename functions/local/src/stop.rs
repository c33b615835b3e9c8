//! When the process is asked to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Ready once somebody presses Ctrl-C or the system says terminate.
pub async fn asked_to() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    futures::future::select(std::pin::pin!(terminated), std::pin::pin!(interrupted)).await;
}
