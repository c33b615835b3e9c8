//! What is particular to one kind of record. [`Door`] does for all kinds what they have in common.

use async_trait::async_trait;
use chrono::NaiveDate;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Window};
use sync_core::failure::Failure;
use sync_core::kind::Record;
use url::Url;

use super::call::Api;
use super::door::Door;
use super::login::Session;
use super::site::{Described, Site};
use super::wire::{Module, Row, WireId};

/// One kind of record as Vtiger keeps it.
#[async_trait]
pub(crate) trait Shape: Send + Sync + std::fmt::Debug + Sized + 'static {
    /// The neutral record.
    type Record: Record;

    /// The module of its records.
    const MODULE: Module;
    /// The module that a record can pass to under the same number.
    const TWIN: Option<Module>;
    /// The columns that are read, as far as the site has them.
    const COLUMNS: &'static [&'static str];
    /// Those of them without which no record can be read at all: they are asked for whatever the description says.
    const NEEDED: &'static [&'static str];
    /// The columns that hold texts: what becomes of characters of four bytes shows in them.
    const TEXTS: &'static [&'static str];

    /// What the site cannot hold.
    fn limits(&self, site: &Site) -> <Self::Record as Record>::Limits;

    /// Takes over what the description of the module says, beside the columns that it lacks.
    fn learn(&self, _site: &mut Site, _described: &Described) {}

    /// Whether nothing may be read before the module has been described.
    fn needs_description(&self) -> bool {
        false
    }

    /// The columns that are read beside [`COLUMNS`](Self::COLUMNS).
    fn more_columns(&self, _site: &Site) -> Vec<String> {
        Vec::new()
    }

    /// Makes sure that what the settings ask for can be had.
    ///
    /// # Errors
    /// `Permanent` where it cannot.
    fn check_settings(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// The first day whose records are read, where the kind has a first instant.
    fn first_day(&self, _window: Window) -> Option<NaiveDate> {
        None
    }

    /// The column that tells who is marked, where marking leaves no trace in the time of change.
    fn silent_marks(&self, _site: &Site) -> Option<&'static str> {
        None
    }

    /// Whether a row is marked so.
    fn is_marked(&self, _row: &Row, _site: &Site) -> bool {
        false
    }

    /// Adds to rows what stands in other records.
    ///
    /// # Errors
    /// As a query.
    async fn complete(&self, _api: &Api, _rows: &mut [Row]) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether the answer to a write shows all that is read of a record.
    fn tells_all(&self, _row: &Row, _site: &Site) -> bool {
        true
    }

    /// The neutral record that a row is.
    fn observed(&self, row: &Row, site: &Site, base_url: &Url) -> Result<Observed<Self::Record>, Unreadable>;

    /// The columns that make the named fields of a record read as they shall. `before` is the row that is changed;
    /// `None` where one is made.
    ///
    /// # Errors
    /// `Permanent` where the columns do not hold them.
    fn values(
        &self,
        record: &Self::Record,
        fields: &[<Self::Record as Record>::Field],
        before: Option<&Row>,
        door: &Door<Self>,
    ) -> Result<Map<String, Value>, Failure>;

    /// Adds to the columns what has to be looked up in the CRM first.
    ///
    /// # Errors
    /// `Permanent` where the CRM does not take it.
    async fn look_up(
        &self,
        _door: &Door<Self>,
        _record: &Self::Record,
        _fields: &[<Self::Record as Record>::Field],
        _before: Option<&Row>,
        _values: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// What a new record gets beside its own values, its owner and its key.
    fn for_copy(&self, _site: &Site) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Refuses a change that would destroy what nobody can read.
    ///
    /// # Errors
    /// `Permanent` with what is at stake.
    fn check_change(
        &self,
        _api: &Api,
        _session: &Session,
        _before: &Row,
        _values: &Map<String, Value>,
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// Adds to a change what would be emptied or reset if it were not sent.
    fn keep(&self, _values: &mut Map<String, Value>, _before: &Row, _site: &Site) {}

    /// The contacts that have to be sent beside a change so that they stay; empty where they stay by themselves.
    ///
    /// # Errors
    /// As a query; `Permanent` where there are too many.
    async fn contacts_to_send(
        _door: &Door<Self>,
        _id: WireId,
        _session: &Session,
    ) -> Result<String, Failure> {
        Ok(String::new())
    }

    /// Makes sure that the CRM kept what it must not lose.
    ///
    /// # Errors
    /// `Permanent` where it did not.
    fn check_kept(
        &self,
        _record: &Self::Record,
        _fields: &[<Self::Record as Record>::Field],
        _after: &Row,
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// The columns that put back what was there before a write that the CRM did not keep.
    fn put_back(&self, _before: &Row) -> Map<String, Value> {
        Map::new()
    }
}

/// Why a record cannot be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It has no id.
    #[error("it has no id")]
    NoId,
    /// It has no start.
    #[error("it has no start date")]
    NoStart,
    /// Its start is no date and time.
    #[error("its start cannot be read")]
    BadStart,
    /// Its end is no date and time.
    #[error("its end cannot be read")]
    BadEnd,
    /// It ends before it begins, which the CRM does not mind.
    #[error("it ends before it begins")]
    EndsEarly,
    /// The day by which it is due is no date.
    #[error("its due date cannot be read")]
    BadDue,
}

impl Unreadable {
    /// The word for programs.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Unreadable::NoId => "no_id",
            Unreadable::NoStart => "no_start",
            Unreadable::BadStart => "bad_start",
            Unreadable::BadEnd => "bad_end",
            Unreadable::EndsEarly => "ends_early",
            Unreadable::BadDue => "bad_due",
        }
    }
}

/// Where a person looks at a record. Events and tasks share their page.
pub(crate) fn address(base_url: &Url, module: Module, number: u64) -> String {
    let page = match module {
        Module::Events | Module::Calendar => Module::Calendar,
        Module::Contacts | Module::Accounts | Module::Users => module,
    };
    let mut url = base_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("index.php");
    }
    url.query_pairs_mut()
        .append_pair("module", page.as_str())
        .append_pair("view", "Detail")
        .append_pair("record", &number.to_string());
    url.into()
}
