//! The door to the clockwork that starts runs.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::AccountLinkId;

/// What started a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The account link's own schedule.
    #[default]
    Schedule,
    /// A person.
    Manual,
    /// Google said that something changed.
    GooglePush,
    /// The CRM said that something changed.
    CrmHook,
    /// The run before it did not come to its end: it ran out of time, or a side asked it to come back later.
    Continuation,
}

impl Trigger {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Trigger::Schedule => "schedule",
            Trigger::Manual => "manual",
            Trigger::GooglePush => "google_push",
            Trigger::CrmHook => "crm_hook",
            Trigger::Continuation => "continuation",
        }
    }
}

/// Starts runs: one recurring schedule for each account link, and single runs soon.
#[async_trait]
pub trait Schedules: Send + Sync + std::fmt::Debug {
    /// Makes or replaces the account link's schedule; a paused one stays but does not fire.
    async fn set(
        &self,
        link: &AccountLinkId,
        interval_minutes: u32,
        paused: bool,
    ) -> Result<(), SchedulesFailure>;
    /// Removes the account link's schedule; one that is not there is removed already.
    async fn remove(&self, link: &AccountLinkId) -> Result<(), SchedulesFailure>;
    /// Starts one run under the given id, as soon as possible once so much time has passed.
    async fn run_after(
        &self,
        delay: Duration,
        link: &AccountLinkId,
        trigger: Trigger,
        run_id: &str,
    ) -> Result<(), SchedulesFailure>;
    /// Starts one run as soon as possible, under the given id.
    async fn run_soon(
        &self,
        link: &AccountLinkId,
        trigger: Trigger,
        run_id: &str,
    ) -> Result<(), SchedulesFailure> {
        self.run_after(Duration::ZERO, link, trigger, run_id).await
    }
}

/// Why a schedule could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchedulesFailure {
    /// The scheduler is busy or away; worth another try.
    #[error("the scheduler did not answer: {0}")]
    Unavailable(String),
    /// The scheduler refused, or the value would be refused.
    #[error("the scheduler refused: {0}")]
    Refused(String),
}
