//! What every case stands on.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, TimeZone, Utc};
use sync_core::base::{Half, Pair, PairState, fingerprints};
use sync_core::change::{Change, ChangeSet, Observed, Traits, Window};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Kind;
use sync_core::kind::event::{EventField, EventLimits, EventRecord, When};
use sync_core::plan::{Action, Plan, Step};
use sync_core::policy::EventSettings;
use sync_core::reconcile::{CopyNames, Ground, Stands, reconcile, step_again};
use sync_core::side::{PerSide, Side};

pub(crate) fn at(hour: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap() + Duration::hours(hour)
}

pub(crate) fn timed(hour: i64) -> When {
    When::Timed {
        start: at(hour),
        end: at(hour + 1),
    }
}

pub(crate) fn event(title: &str) -> EventRecord {
    EventRecord {
        title: title.to_owned(),
        description: "about".to_owned(),
        location: "room".to_owned(),
        when: timed(9),
        private: false,
    }
}

pub(crate) fn id(side: Side, name: &str) -> RemoteId {
    match side {
        Side::Crm => RemoteId::new("Meetings", name),
        Side::Google => RemoteId::new("primary", name),
    }
}

pub(crate) fn seen(side: Side, name: &str, version: &str, record: EventRecord) -> Observed<EventRecord> {
    Observed {
        id: id(side, name),
        version: Version(version.to_owned()),
        modified_at: Some(at(if side == Side::Google { 2 } else { 1 })),
        record,
        traits: Traits::default(),
    }
}

fn half(side: Side, record: &EventRecord) -> Half {
    Half {
        id: id(side, "a"),
        former_id: None,
        version: Version("1".to_owned()),
        fields: fingerprints(record),
        series: None,
        row_of: None,
        starts_at: Some(record.when.starts_at()),
        pending: false,
    }
}

/// A pair that agrees on `event("base")`.
pub(crate) fn pair() -> Pair {
    Pair {
        kind: Kind::Event,
        half: PerSide {
            crm: half(Side::Crm, &event("base")),
            google: half(Side::Google, &event("base")),
        },
        origin: Side::Crm,
        generation: 0,
        state: PairState::Living,
        veiled: false,
    }
}

#[derive(Debug)]
struct Names;

impl CopyNames for Names {
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId {
        id(side, &format!("copy-{generation}-{}", origin.id))
    }
}

/// Which side wins is in the settings; limits hold everything unless a case says otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) settings: EventSettings,
    pub(crate) limits: PerSide<EventLimits>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) pairs_in_all: u64,
    pub(crate) confirmed: usize,
    pub(crate) crm: Vec<Change<EventRecord>>,
    pub(crate) google: Vec<Change<EventRecord>>,
    pub(crate) complete: PerSide<bool>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            settings: EventSettings::default(),
            limits: PerSide {
                crm: EventLimits::none(),
                google: EventLimits::none(),
            },
            pairs: vec![pair()],
            pairs_in_all: 1,
            confirmed: 0,
            crm: Vec::new(),
            google: Vec::new(),
            complete: PerSide::default(),
        }
    }
}

impl Case {
    pub(crate) fn set(&self, side: Side) -> ChangeSet<EventRecord> {
        let collection = id(side, "").collection;
        let complete = if *self.complete.get(side) {
            BTreeSet::from([collection])
        } else {
            BTreeSet::new()
        };
        let changes = match side {
            Side::Crm => self.crm.clone(),
            Side::Google => self.google.clone(),
        };
        ChangeSet {
            changes,
            complete,
            cursor: Cursor(String::new()),
            time_zone: None,
        }
    }

    fn ground(&self) -> Ground<'_, EventRecord> {
        Ground {
            settings: &self.settings,
            window: Window {
                from: at(-24 * 30),
                until: at(24 * 365),
            },
            limits: self.limits.as_ref(),
            pairs_in_all: self.pairs_in_all,
            deletions_confirmed: self.confirmed,
            copies: &Names,
            guests_told_after: None,
            zone: chrono_tz::Tz::Europe__Rome,
        }
    }

    /// What is decided when a step's records turn out to stand so.
    pub(crate) fn again(
        &self,
        step: &Step<EventRecord>,
        crm: Stands<EventRecord>,
        google: Stands<EventRecord>,
    ) -> Option<String> {
        step_again(&self.ground(), step, PerSide { crm, google })
            .as_ref()
            .map(tell)
    }

    pub(crate) fn plan(&self) -> Plan<EventRecord> {
        reconcile(
            &self.ground(),
            self.pairs.clone(),
            PerSide::from_fn(|side| self.set(side)),
        )
    }

    /// The plan in words, one line a step, sorted.
    pub(crate) fn told(&self) -> Vec<String> {
        let plan = self.plan();
        let mut told: Vec<String> = plan.steps.iter().map(tell).collect();
        told.sort();
        told
    }
}

fn fields(fields: &[EventField]) -> String {
    fields
        .iter()
        .map(|field| format!("{field:?}"))
        .collect::<Vec<_>>()
        .join("+")
}

/// A step in words.
pub(crate) fn tell(step: &Step<EventRecord>) -> String {
    let lost: BTreeSet<String> = step
        .lost
        .iter()
        .map(|lost| format!(", {} loses {:?}", lost.side, lost.field))
        .collect();
    let lost: String = lost.into_iter().collect();
    let action = match &step.action {
        Action::Create { on, create } => format!(
            "create {} in {on} (generation {})",
            create.record.title, create.generation
        ),
        Action::CreateSeries { on, create, rows } => format!(
            "create series {} in {on} of {} rows: {}",
            create.series.first.title,
            rows.len(),
            create.series.rule.lines().join(" ")
        ),
        Action::Write(writes) => {
            let told: Vec<String> = Side::BOTH
                .into_iter()
                .filter_map(|side| {
                    writes
                        .get(side)
                        .as_ref()
                        .map(|write| format!("write {} to {side}", fields(&write.fields)))
                })
                .collect();
            if told.is_empty() {
                if step.base.is_some() {
                    "note".to_owned()
                } else {
                    "join".to_owned()
                }
            } else {
                told.join(", ")
            }
        }
        Action::Delete { on, .. } => format!("delete in {on}"),
        Action::Remember(state) => format!("remember {state:?}"),
        Action::Forget => "forget".to_owned(),
    };
    format!("{action}{lost}")
}
