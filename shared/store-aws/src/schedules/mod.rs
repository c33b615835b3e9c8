//! Runs started by EventBridge Scheduler: one recurring schedule for each account link, and single ones.
//!
//! A schedule's name follows from the account link, and a single run's from its id as well, so that a repetition
//! meets the schedule that it made itself: a recurring one is then compared and, where it differs, replaced as a whole
//! (an update keeps nothing that it does not name); a single one has been asked for already. A schedule that starts
//! one run deletes itself afterwards.

mod plan;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError;
use aws_sdk_scheduler::operation::get_schedule::{GetScheduleError, GetScheduleOutput};
use aws_sdk_scheduler::operation::update_schedule::UpdateScheduleError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy,
    ScheduleState, Target,
};
use sync_core::id::AccountLinkId;
use sync_core::port::{Clock, Entropy, Schedules, SchedulesFailure, Trigger};

use crate::AwsConfig;
use crate::failure::{CallFailure, not_built};
use crate::repeat::{pause, token};
use plan::{PlannedSchedule, ZONE};

/// Tries of a call that meets another on the same schedule.
const TRIES_MAX: u32 = 6;

/// Pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Sets schedules in one group of EventBridge Scheduler.
#[derive(Debug, Clone)]
pub struct EventBridgeSchedules {
    client: Client,
    group: String,
    role_arn: String,
    function_arn: String,
    dead_letters_arn: Option<String>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What became of a call that names a schedule.
enum Outcome {
    Done,
    /// There is one of that name already.
    Exists,
    /// There is none of that name.
    Missing,
    /// Somebody else changes it at this moment.
    Busy,
}

impl EventBridgeSchedules {
    pub(crate) fn new(
        client: Client,
        config: &AwsConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            client,
            group: config.schedule_group.clone(),
            role_arn: config.schedule_role_arn.clone(),
            function_arn: config.sync_function_arn.clone(),
            dead_letters_arn: config.schedule_dlq_arn.clone(),
            clock,
            entropy,
        }
    }

    async fn create(&self, planned: &PlannedSchedule) -> Result<Outcome, CallFailure> {
        let sent = self
            .client
            .create_schedule()
            .name(&planned.name)
            .group_name(&self.group)
            .schedule_expression(&planned.expression)
            .schedule_expression_timezone(ZONE)
            .state(state(planned))
            .flexible_time_window(window(planned)?)
            .target(self.target(planned)?)
            .action_after_completion(after_completion(planned))
            .client_token(token(self.entropy.as_ref()))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Outcome::Done);
        };
        match error.as_service_error() {
            Some(CreateScheduleError::ConflictException(_)) => Ok(Outcome::Exists),
            Some(_) | None => Err(CallFailure::from(&error)),
        }
    }

    async fn update(&self, planned: &PlannedSchedule) -> Result<Outcome, CallFailure> {
        let sent = self
            .client
            .update_schedule()
            .name(&planned.name)
            .group_name(&self.group)
            .schedule_expression(&planned.expression)
            .schedule_expression_timezone(ZONE)
            .state(state(planned))
            .flexible_time_window(window(planned)?)
            .target(self.target(planned)?)
            .action_after_completion(after_completion(planned))
            .client_token(token(self.entropy.as_ref()))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Outcome::Done);
        };
        match error.as_service_error() {
            Some(UpdateScheduleError::ResourceNotFoundException(_)) => Ok(Outcome::Missing),
            Some(UpdateScheduleError::ConflictException(_)) => Ok(Outcome::Busy),
            Some(_) | None => Err(CallFailure::from(&error)),
        }
    }

    /// Updates the schedule that is there, unless it is as planned already.
    async fn compare_and_update(&self, planned: &PlannedSchedule) -> Result<Outcome, CallFailure> {
        let sent = self
            .client
            .get_schedule()
            .name(&planned.name)
            .group_name(&self.group)
            .send()
            .await;
        match sent {
            Ok(there) if self.is_as_planned(&there, planned)? => Ok(Outcome::Done),
            Ok(_) => self.update(planned).await,
            Err(error) => match error.as_service_error() {
                Some(GetScheduleError::ResourceNotFoundException(_)) => Ok(Outcome::Missing),
                Some(_) | None => Err(CallFailure::from(&error)),
            },
        }
    }

    fn is_as_planned(
        &self,
        there: &GetScheduleOutput,
        planned: &PlannedSchedule,
    ) -> Result<bool, CallFailure> {
        Ok(there.schedule_expression() == Some(planned.expression.as_str())
            && there
                .schedule_expression_timezone()
                .is_none_or(|zone| zone == ZONE)
            && there.state() == Some(&state(planned))
            && there.flexible_time_window() == Some(&window(planned)?)
            && there.target() == Some(&self.target(planned)?))
    }

    fn target(&self, planned: &PlannedSchedule) -> Result<Target, CallFailure> {
        let retries = RetryPolicy::builder()
            .maximum_event_age_in_seconds(planned.event_age_seconds)
            .maximum_retry_attempts(planned.retries)
            .build();
        let dead_letters = self
            .dead_letters_arn
            .as_ref()
            .map(|arn| DeadLetterConfig::builder().arn(arn).build());
        Target::builder()
            .arn(&self.function_arn)
            .role_arn(&self.role_arn)
            .input(&planned.input)
            .retry_policy(retries)
            .set_dead_letter_config(dead_letters)
            .build()
            .map_err(not_built)
    }
}

#[async_trait]
impl Schedules for EventBridgeSchedules {
    async fn set(
        &self,
        link: &AccountLinkId,
        interval_minutes: u32,
        paused: bool,
    ) -> Result<(), SchedulesFailure> {
        let planned = plan::recurring(link, interval_minutes, paused)?;
        for tried in 0..TRIES_MAX {
            let outcome = match self.create(&planned).await? {
                Outcome::Exists => self.compare_and_update(&planned).await?,
                outcome @ (Outcome::Done | Outcome::Missing | Outcome::Busy) => outcome,
            };
            match outcome {
                Outcome::Done => return Ok(()),
                Outcome::Exists | Outcome::Missing | Outcome::Busy => {}
            }
            pause(self.entropy.as_ref(), FIRST_PAUSE, tried).await;
        }
        Err(busy())
    }

    async fn remove(&self, link: &AccountLinkId) -> Result<(), SchedulesFailure> {
        let name = plan::recurring_name(link);
        for tried in 0..TRIES_MAX {
            let sent = self
                .client
                .delete_schedule()
                .name(&name)
                .group_name(&self.group)
                .client_token(token(self.entropy.as_ref()))
                .send()
                .await;
            let Err(error) = sent else { return Ok(()) };
            match error.as_service_error() {
                Some(DeleteScheduleError::ResourceNotFoundException(_)) => return Ok(()),
                Some(DeleteScheduleError::ConflictException(_)) => {}
                Some(_) | None => return Err(CallFailure::from(&error).into()),
            }
            pause(self.entropy.as_ref(), FIRST_PAUSE, tried).await;
        }
        Err(busy())
    }

    async fn run_after(
        &self,
        delay: Duration,
        link: &AccountLinkId,
        trigger: Trigger,
        run_id: &str,
    ) -> Result<(), SchedulesFailure> {
        let planned = plan::single(link, trigger, run_id, self.clock.now() + delay)?;
        // One that is there already is this very run, asked for before.
        self.create(&planned).await?;
        Ok(())
    }
}

fn state(planned: &PlannedSchedule) -> ScheduleState {
    if planned.paused {
        ScheduleState::Disabled
    } else {
        ScheduleState::Enabled
    }
}

fn window(planned: &PlannedSchedule) -> Result<FlexibleTimeWindow, CallFailure> {
    let builder = match planned.window_minutes {
        Some(minutes) => FlexibleTimeWindow::builder()
            .mode(FlexibleTimeWindowMode::Flexible)
            .maximum_window_in_minutes(minutes),
        None => FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off),
    };
    builder.build().map_err(not_built)
}

fn after_completion(planned: &PlannedSchedule) -> ActionAfterCompletion {
    if planned.is_single {
        ActionAfterCompletion::Delete
    } else {
        ActionAfterCompletion::None
    }
}

fn busy() -> SchedulesFailure {
    SchedulesFailure::Unavailable("the schedule is being changed all the time".to_owned())
}

#[cfg(test)]
mod tests;
