//! How often a wrong administrator's key may be tried on the sign-in page.

use chrono::TimeDelta;
use http::HeaderMap;

use crate::app::App;
use crate::problem::Answered;
use crate::session::mark;

/// Wrong keys from one source within the time below.
const WRONG_KEYS_MAX: usize = 10;
/// How long a wrong key counts.
const COUNTS_FOR: TimeDelta = TimeDelta::minutes(15);

/// Whether the source may try (again).
pub(crate) async fn may_try(app: &App, headers: &HeaderMap) -> Answered<bool> {
    // The places are filled from the first to the last, so the last one tells.
    Ok(app
        .memory
        .look_once(&place(app, headers, WRONG_KEYS_MAX - 1))
        .await?
        .is_none())
}

/// Counts a wrong key.
pub(crate) async fn count(app: &App, headers: &HeaderMap) -> Answered<()> {
    for number in 0..WRONG_KEYS_MAX {
        if app
            .memory
            .remember_once(&place(app, headers, number), "", app.now() + COUNTS_FOR)
            .await?
        {
            return Ok(());
        }
    }
    Ok(())
}

fn place(app: &App, headers: &HeaderMap, number: usize) -> String {
    // The last address is the one that our own proxy saw; those before it are what the caller says. Without a
    // proxy all callers count as one.
    let forwarded = headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let source = if app.config.forwarded_is_trusted {
        forwarded.rsplit(',').next().unwrap_or_default().trim()
    } else {
        ""
    };
    format!("wrong-key/{}/{number}", mark("source", source.as_bytes()))
}
