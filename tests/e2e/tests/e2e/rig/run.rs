//! Runs, and the record of each, in exactly the shape of the public interface.

use std::time::Duration;

use chrono::{DateTime, Utc};
use local::installation::Installation;
use serde::Deserialize;
use sync_core::id::AccountLinkId;
use sync_core::port::Trigger;
use sync_engine::run::RunRequest;

use super::{ANNA, CRM, Rig};

/// A run's record. Every field of the interface, and no other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    #[serde(rename = "run_id")]
    pub(crate) id: String,
    pub(crate) crm: String,
    pub(crate) user: String,
    pub(crate) trigger: String,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) finished_at: DateTime<Utc>,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) changes: Changes,
    pub(crate) problems: Vec<Problem>,
    pub(crate) requests: Sides,
    pub(crate) more: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    pub(crate) events: KindChanges,
    #[serde(default)]
    pub(crate) tasks: Option<KindChanges>,
    #[serde(default)]
    pub(crate) contacts: Option<KindChanges>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindChanges {
    pub(crate) crm: Counts,
    pub(crate) google: Counts,
    pub(crate) paired: u64,
    pub(crate) conflicts: u64,
}

/// Records made, changed and deleted on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Problem {
    pub(crate) kind: String,
    pub(crate) crm_id: Option<String>,
    pub(crate) google_id: Option<String>,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retry_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sides {
    pub(crate) google: u64,
    pub(crate) crm: u64,
}

impl Run {
    /// Writes to the CRM, of all kinds: created, updated, deleted.
    pub(crate) fn to_crm(&self) -> (u64, u64, u64) {
        self.sum(|kind| kind.crm)
    }

    /// Writes to Google.
    pub(crate) fn to_google(&self) -> (u64, u64, u64) {
        self.sum(|kind| kind.google)
    }

    fn sum(&self, side: impl Fn(&KindChanges) -> Counts) -> (u64, u64, u64) {
        let Changes {
            events,
            tasks,
            contacts,
        } = &self.changes;
        let kinds = [Some(events), tasks.as_ref(), contacts.as_ref()];
        kinds
            .into_iter()
            .flatten()
            .map(side)
            .fold((0, 0, 0), |(created, updated, deleted), counts| {
                (
                    created + counts.created,
                    updated + counts.updated,
                    deleted + counts.deleted,
                )
            })
    }

    /// The run went well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.outcome, "ok", "{self:#?}");
        assert_eq!(self.problems, [], "{self:#?}");
        self
    }

    /// The run found nothing to change.
    pub(crate) fn changed_nothing(&self) {
        assert_eq!(
            (self.to_crm(), self.to_google()),
            ((0, 0, 0), (0, 0, 0)),
            "{self:#?}"
        );
    }
}

impl Rig {
    /// One run of Anna's account link, now.
    pub(crate) async fn sync(&self) -> Run {
        self.sync_of(CRM, ANNA).await
    }

    /// One run of any account link.
    pub(crate) async fn sync_of(&self, crm: &str, user: &str) -> Run {
        let path = format!("{}/sync?wait=true", self.link_path(crm, user));
        let answer = self.call("POST", &path, None).await;
        let run: Run =
            serde_json::from_value(answer.good()).expect("the run's record has the interface's shape");
        assert_eq!(
            (run.crm.as_str(), run.user.as_str()),
            (crm, self.crm.id_of(user).as_str())
        );
        assert_eq!(run.trigger, "manual");
        assert!(run.started_at <= run.finished_at);
        run
    }

    /// One run of Anna's account link as its schedule starts it, a quarter of an hour after whatever was before.
    pub(crate) async fn scheduled(&self) -> Run {
        self.later(15);
        drop(self.due());
        self.triggered(Trigger::Schedule).await
    }

    /// One run of Anna's account link, now, as that starts it.
    pub(crate) async fn triggered(&self, trigger: Trigger) -> Run {
        let request = RunRequest {
            link: AccountLinkId::new(CRM, self.crm.id_of(ANNA)),
            trigger,
            run_id: None,
        };
        let engine = &self.installation().engine;
        let record = engine.run(request, Duration::from_mins(5)).await;
        let run = serde_json::to_value(&record).expect("a record can be written");
        serde_json::from_value(run).expect("the run's record has the interface's shape")
    }

    /// What has come due in the built-in schedule, which nobody drives here.
    pub(crate) fn due(&self) -> Vec<Trigger> {
        let timetable = &self.installation().timetable;
        let taken = std::iter::from_fn(|| {
            let request = timetable.take()?;
            timetable.ended(&request.link);
            Some(request.trigger)
        });
        taken.collect()
    }

    fn installation(&self) -> &Installation {
        let serving = self.serving.as_ref();
        &serving.expect("an installation in this process").installation
    }

    /// A run, and a second one that must find nothing left to do and write to nobody.
    pub(crate) async fn sync_to_rest(&self) -> Run {
        let run = self.sync().await.ok();
        self.assert_at_rest().await;
        run
    }

    /// Runs until now have left nothing to do: one more writes nothing to either side.
    pub(crate) async fn assert_at_rest(&self) {
        let before = (self.crm.traffic().writes(), self.google.traffic().writes());
        self.sync().await.ok().changed_nothing();
        let after = (self.crm.traffic().writes(), self.google.traffic().writes());
        assert_eq!(before, after, "a run without changes wrote something");
    }
}
