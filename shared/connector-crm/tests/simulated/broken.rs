//! Doors that are broken on purpose: each has to be found out by the law it breaks.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sync_core::change::{Change, ChangeSet, Observed, Reading};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::task::{TaskLimits, TaskRecord};
use sync_core::port::{Create, Created, ReadRequest, Remote, Update};
use sync_engine::contract::remote::breaks;

use crate::contract::{At, Tables};
use crate::suitecrm;

/// What a door does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    NamesByChance,
    SaysWhatWasSent,
    WritesWholeRecords,
    IgnoresVersions,
    MakesLostCopiesAgain,
    ForgetsDeletions,
    LosesTheLast,
    HalfIsWhole,
    AwayIsGone,
    UnauthorisedIsEmpty,
    RefusedCursorIsEmpty,
    HasNoPatience,
    ShowsTheWrongUser,
}

/// Every way, with the law that finds it out.
const FOUND_OUT_BY: [(How, &str); 13] = [
    (
        How::NamesByChance,
        "creating::a_creation_repeated_finds_the_first",
    ),
    (
        How::SaysWhatWasSent,
        "creating::a_copy_is_what_every_reading_shows",
    ),
    (
        How::WritesWholeRecords,
        "updating::a_change_writes_the_named_fields_only",
    ),
    (
        How::IgnoresVersions,
        "updating::nothing_is_written_over_a_change_that_was_not_seen",
    ),
    (
        How::MakesLostCopiesAgain,
        "creating::a_copy_is_there_once_whatever_happens",
    ),
    (How::ForgetsDeletions, "deleting::deleting_twice_is_deleting_once"),
    (
        How::HalfIsWhole,
        "failing::a_reading_that_meets_trouble_is_whole_or_none",
    ),
    (How::LosesTheLast, "reading::more_than_a_page_comes_whole"),
    (
        How::AwayIsGone,
        "failing::a_side_that_is_away_is_asked_again_later",
    ),
    (
        How::UnauthorisedIsEmpty,
        "failing::a_lost_authorisation_is_no_data",
    ),
    (
        How::RefusedCursorIsEmpty,
        "reading::a_cursor_that_is_refused_is_never_an_empty_answer",
    ),
    (
        How::HasNoPatience,
        "failing::a_side_that_asks_for_patience_gets_it",
    ),
    (
        How::ShowsTheWrongUser,
        "reading::nobody_elses_records_are_touched",
    ),
];

#[tokio::test]
async fn every_broken_door_is_found_out() {
    for (how, law) in FOUND_OUT_BY {
        let start = async || {
            let crm = suitecrm::Crm::for_the_laws(Tables::Whole).await;
            At::behind(crm, Box::new(move |door| Box::new(Door { door, how })))
        };
        assert!(breaks::<TaskRecord, _>(start, law).await, "{how:?}");
    }
}

#[derive(Debug)]
struct Door {
    door: Box<dyn Remote<TaskRecord>>,
    how: How,
}

impl Door {
    fn is(&self, how: How) -> bool {
        self.how == how
    }

    async fn version_now(&self, id: &RemoteId, expected: &Version) -> Version {
        match self.door.read(id).await {
            Ok(Reading::Present(seen)) if self.is(How::IgnoresVersions) => seen.version,
            Ok(_) | Err(_) => expected.clone(),
        }
    }
}

fn nothing() -> ChangeSet<TaskRecord> {
    ChangeSet {
        changes: Vec::new(),
        complete: BTreeSet::new(),
        cursor: Cursor(String::new()),
        time_zone: None,
    }
}

#[async_trait]
impl Remote<TaskRecord> for Door {
    fn limits(&self) -> TaskLimits {
        self.door.limits()
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        self.door.derived_id(origin, generation)
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<TaskRecord>, Failure> {
        let mut set = match self.door.changes(request).await {
            Ok(set) => set,
            Err(failure) if failure.class == Class::Reauth && self.is(How::UnauthorisedIsEmpty) => nothing(),
            Err(failure) if failure.class == Class::Resync && self.is(How::RefusedCursorIsEmpty) => nothing(),
            Err(failure) if matches!(failure.class, Class::Retryable { .. }) && self.is(How::HalfIsWhole) => {
                nothing()
            }
            Err(failure) if self.is(How::HasNoPatience) => {
                return Err(Failure::retryable(failure.code, failure.message, None));
            }
            Err(failure) => return Err(failure),
        };
        if self.is(How::ForgetsDeletions) {
            set.changes.retain(|change| !matches!(change, Change::Removed(_)));
        }
        if self.is(How::LosesTheLast) && set.changes.len() > 200 {
            set.changes.pop();
        }
        Ok(set)
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<TaskRecord>, Failure> {
        match self.door.read(id).await {
            Err(failure) if self.is(How::AwayIsGone) && matches!(failure.class, Class::Retryable { .. }) => {
                Ok(Reading::Gone)
            }
            Ok(Reading::OutOfReach) if self.is(How::ShowsTheWrongUser) => Ok(Reading::Present(Observed {
                id: id.clone(),
                version: Version::default(),
                modified_at: None,
                record: TaskRecord {
                    title: String::new(),
                    notes: String::new(),
                    due: None,
                    status: sync_core::kind::task::Status::Open,
                },
                traits: sync_core::change::Traits::default(),
            })),
            other => other,
        }
    }

    async fn create(&self, create: &Create<TaskRecord>) -> Result<Created<TaskRecord>, Failure> {
        let mut create = create.clone();
        if self.is(How::NamesByChance) {
            create.origin.id.push_str(&create.record.title);
        }
        let mut created = self.door.create(&create).await?;
        if self.is(How::MakesLostCopiesAgain) && created.adopted {
            create.origin.id.push_str("again");
            created = self.door.create(&create).await?;
        }
        if self.is(How::SaysWhatWasSent) {
            created.observed.record = create.record;
        }
        Ok(created)
    }

    async fn update(&self, update: &Update<TaskRecord>) -> Result<Observed<TaskRecord>, Failure> {
        let mut update = update.clone();
        update.expected = self.version_now(&update.id, &update.expected).await;
        if self.is(How::WritesWholeRecords) {
            update.fields = TaskRecord::FIELDS.to_vec();
        }
        self.door.update(&update).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        let expected = self.version_now(id, expected).await;
        self.door.delete(id, &expected).await
    }
}
