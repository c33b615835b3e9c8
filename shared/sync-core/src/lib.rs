//! What the sync decides, and nothing else.
//!
//! Two pure functions with the world between them: [`reconcile`](reconcile::reconcile) looks at what both sides
//! changed since the base and answers with a [`Plan`](plan::Plan); [`settle`](settle::settle) looks at what the
//! sides said to the plan's operations and answers with what the store must now remember. This crate has no
//! I/O, no clock and no randomness: the same input gives the same answer. The world is reached through the
//! doors in [`port`].
//!
//! | module | holds |
//! |---|---|
//! | [`side`], [`id`], [`failure`] | the words everything else is made of |
//! | [`kind`] | the neutral records: what a meeting is when it belongs to no provider |
//! | [`change`], [`base`] | what a side showed us; what both sides last agreed on |
//! | [`policy`] | a user's settings, checked, and what they mean for a record |
//! | [`reconcile`], [`plan`], [`settle`] | the decision, its result, the bookkeeping after it |
//! | [`recurrence`] | the rule that single occurrences follow |
//! | [`port`] | the doors: provider, store, secrets, schedules, clock, randomness |
//! | [`mutation`] | mistakes made on purpose, for the suites alone |

pub mod base;
pub mod change;
pub mod failure;
pub mod id;
pub mod kind;
pub mod mutation;
pub mod plan;
pub mod policy;
pub mod port;
pub mod reconcile;
pub mod recurrence;
pub mod settle;
pub mod side;
