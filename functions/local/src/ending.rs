//! How the process ends, as a caller sees it.

use std::process::ExitCode;

use sync_engine::report::{Outcome, RunRecord};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Ok,
    /// It could not be done.
    Failed,
    /// It was asked for in a way that makes no sense.
    WrongUsage,
    /// The user must authorise again.
    NeedsAuthorization,
    /// Deletions wait for a person.
    Held,
    /// Some records did not go through.
    Partial,
}

impl Ending {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Ending::Ok => 0,
            Ending::Failed => 1,
            Ending::WrongUsage => 2,
            Ending::NeedsAuthorization => 3,
            Ending::Held => 4,
            Ending::Partial => 5,
        }
    }

    /// How a process ends whose only work was this run.
    ///
    /// An account link that is switched off is as its owner wants it, so skipping it is well done; one that does
    /// not exist was misspelt by the caller; one that another run holds was not brought up to date.
    pub fn of(record: &RunRecord) -> Self {
        match record.outcome {
            Outcome::Ok => Ending::Ok,
            Outcome::Partial => Ending::Partial,
            Outcome::Held => Ending::Held,
            Outcome::NeedsAuthorization => Ending::NeedsAuthorization,
            Outcome::Failed => Ending::Failed,
            Outcome::Skipped => match record.reason.as_deref() {
                Some("disabled") => Ending::Ok,
                Some("unknown") => Ending::WrongUsage,
                Some(_) | None => Ending::Failed,
            },
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        ExitCode::from(ending.code())
    }
}

/// Why a command could not be done: one sentence for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The data folder.
    #[error(transparent)]
    DataFolder(#[from] store_local::DataFolderError),
    /// The command line or the environment.
    #[error("{0}")]
    Usage(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    /// How the process ends after it.
    pub fn ending(&self) -> Ending {
        match self {
            Trouble::Usage(_) => Ending::WrongUsage,
            Trouble::DataFolder(_) | Trouble::Other(_) => Ending::Failed,
        }
    }
}
