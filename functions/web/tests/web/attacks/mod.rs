//! What an attacker would try.

mod addresses;
mod administrators_key;
mod answers;
mod consents;
mod forms;
mod frames;
mod link_tokens;
mod sessions;

use crate::ground::{Answer, Ground};

/// Asserts that a page refuses, and that nothing was linked.
async fn refused(ground: &Ground, answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(ground.link().await.is_none());
}
