//! What every CRM connection offers.

use async_trait::async_trait;
use chrono_tz::Tz;
use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::policy::Description;
use sync_core::port::Remote;

/// An authorised connection to one registered CRM, good for all of its users.
#[async_trait]
pub trait CrmConnection: Send + Sync + std::fmt::Debug {
    /// The meetings, calls and calendar activities of one user; `None` where the CRM has none.
    fn events(&self, user: EventsFor) -> Option<Box<dyn Remote<EventRecord>>>;

    /// The tasks of one user; `None` where the CRM has none.
    fn tasks(&self, _user: TasksFor) -> Option<Box<dyn Remote<TaskRecord>>> {
        None
    }

    /// The contacts of one user; `None` where the CRM has none.
    fn contacts(&self, _user: ContactsFor) -> Option<Box<dyn Remote<ContactRecord>>> {
        None
    }

    /// One user, by the CRM's id; `None` where there is no such user.
    ///
    /// # Errors
    /// `Reauth`, `Retryable`, `Permanent` where users may not be read.
    async fn user(&self, id: &str) -> Result<Option<CrmUser>, Failure>;

    /// The users whose primary e-mail address this is, without regard to case; usually none or one.
    ///
    /// # Errors
    /// As [`user`](Self::user).
    async fn users_by_email(&self, email: &str) -> Result<Vec<CrmUser>, Failure>;

    /// Tries address, credentials and rights, writes nothing, and names what is wrong.
    async fn check(&self) -> CheckReport;
}

/// For whom events are read and written, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsFor {
    /// The account link; its `user` is the CRM's own id of the user.
    pub link: AccountLinkId,
    /// The zone in which the user's days begin, for all-day events.
    pub zone: Tz,
    /// How descriptions are written, where the CRM's field knows the difference.
    pub description: Description,
}

/// For whom tasks are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TasksFor {
    /// The account link; its `user` is the CRM's own id of the user.
    pub link: AccountLinkId,
    /// The zone in which the user's days begin, for the day a task is due.
    pub zone: Tz,
}

/// For whom contacts are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactsFor {
    /// The account link; its `user` is the CRM's own id of the user.
    pub link: AccountLinkId,
    /// The tags that make a contact a labelled one, each of which does; the first is put on what shall become one.
    /// Without any, contacts have no label.
    pub tags: Vec<String>,
}

/// A user of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmUser {
    /// The CRM's own id.
    pub id: String,
    /// The name people see; empty where there is none.
    pub name: String,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// The zone the user has chosen in the CRM, where it may be read.
    pub time_zone: Option<Tz>,
}

/// What a check of a CRM's set-up found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Whether nothing is wrong; warnings do not count.
    pub ok: bool,
    /// What was looked at, in that order.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// The report that the findings make.
    pub fn of(findings: Vec<Finding>) -> Self {
        Self {
            ok: findings.iter().all(|finding| finding.level != Level::Error),
            findings,
        }
    }
}

/// One thing that a check looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The field of the registration that is at fault, such as `auth.client_secret`; `None` where none is.
    pub field: Option<String>,
    /// How bad it is.
    pub level: Level,
    /// A short stable word for programs.
    pub code: &'static str,
    /// One sentence or two for a person: what was seen and what to do. Carries no secret.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but worth knowing.
    Warning,
    /// It does not work, or would do damage.
    Error,
}

impl Level {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}
