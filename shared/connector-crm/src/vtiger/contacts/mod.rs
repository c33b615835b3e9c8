//! Contacts.
//!
//! | file | holds |
//! |---|---|
//! | `convert` | rows to contact and back |
//! | `accounts` | the organisations that contacts belong to, which are records of their own |
//! | `tags` | what serves as a tag |
//!
//! In scope are contacts that the user is responsible for. The account of a contact is read by its name; a name that
//! comes from the other side is written where exactly one account has it, and else the contact keeps the account it
//! has: an account stands for a customer, and is neither made nor taken away in passing.

mod accounts;
pub(super) mod convert;
mod tags;

use async_trait::async_trait;
use serde_json::{Map, Value};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::kind::contact::{ContactField, ContactLimits, ContactRecord};
use sync_core::kind::line::one_line;
use url::Url;

use super::call::Api;
use super::door::Door;
use super::login::Session;
use super::shape::{Shape, Unreadable};
use super::site::{Described, Site};
use super::text::put;
use super::wire::{Module, Row};
use tags::{TAGS, Tags};

/// The account that a contact belongs to.
const ACCOUNT: &str = "account_id";
/// The account's name, which is put into a row after it was read.
const ACCOUNT_NAME: &str = "account name";
/// Whether the contact signs in to the customer portal, with its main e-mail address as its name.
const PORTAL: &str = "portal";

/// The contacts of one user.
#[derive(Debug)]
pub(crate) struct Contacts {
    tags: Tags,
}

impl Contacts {
    /// Contacts that bear one of these tags have a label; without any, none has.
    pub(crate) fn new(tags: &[String]) -> Self {
        Self {
            tags: Tags::new(tags),
        }
    }
}

#[async_trait]
impl Shape for Contacts {
    type Record = ContactRecord;

    const MODULE: Module = Module::Contacts;
    const TWIN: Option<Module> = None;
    const COLUMNS: &'static [&'static str] = convert::COLUMNS;
    const NEEDED: &'static [&'static str] = &["id", "lastname", "modifiedtime", "assigned_user_id"];
    const TEXTS: &'static [&'static str] = &["firstname", "lastname", "title", "description"];

    fn limits(&self, site: &Site) -> ContactLimits {
        convert::limits(site, self.tags.is_any())
    }

    fn learn(&self, site: &mut Site, described: &Described) {
        site.checkboxes = described
            .own_checkboxes()
            .flat_map(|field| [&field.label, &field.name].map(|name| (tags::key(name), field.name.clone())))
            .collect();
        site.salutations = described
            .field("salutationtype")
            .map(|field| field.values.clone())
            .unwrap_or_default();
        // Where the module of accounts is switched off, contacts belong to none.
        let accounts = Module::Accounts.as_str();
        if described
            .field(ACCOUNT)
            .is_some_and(|field| !field.refers_to.iter().any(|module| module == accounts))
        {
            site.lacks(ACCOUNT);
        }
    }

    /// Which checkboxes there are decides who is marked.
    fn needs_description(&self) -> bool {
        self.tags.is_any()
    }

    fn more_columns(&self, site: &Site) -> Vec<String> {
        self.tags.columns(site)
    }

    fn check_settings(&self) -> Result<(), Failure> {
        self.tags.check()
    }

    fn silent_marks(&self, site: &Site) -> Option<&'static str> {
        self.tags.has_shared(site).then_some(TAGS)
    }

    fn is_marked(&self, row: &Row, site: &Site) -> bool {
        self.tags.has_shared_on(row, site)
    }

    async fn complete(&self, api: &Api, rows: &mut [Row]) -> Result<(), Failure> {
        accounts::name(api, rows).await
    }

    fn tells_all(&self, row: &Row, site: &Site) -> bool {
        let columns = self.tags.columns(site);
        columns.iter().all(|column| row.0.contains_key(column))
    }

    fn observed(
        &self,
        row: &Row,
        site: &Site,
        base_url: &Url,
    ) -> Result<Observed<ContactRecord>, Unreadable> {
        convert::observed(row, self.tags.are_on(row, site), base_url)
    }

    fn values(
        &self,
        record: &ContactRecord,
        fields: &[ContactField],
        _before: Option<&Row>,
        door: &Door<Self>,
    ) -> Result<Map<String, Value>, Failure> {
        convert::values(record, fields, &door.site())
    }

    async fn look_up(
        &self,
        door: &Door<Self>,
        record: &ContactRecord,
        fields: &[ContactField],
        before: Option<&Row>,
        values: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        if fields.contains(&ContactField::Labelled) && self.tags.is_any() {
            let before = match before {
                Some(row) if !self.tells_all(row, &door.site()) => {
                    let id = row.id("id");
                    let id = id.ok_or_else(|| Failure::bug("no_id", "the contact has no id"))?;
                    door.fetch(id).await?
                }
                other => other.cloned(),
            };
            self.tags
                .write(record.labelled, before.as_ref(), &door.site(), values)?;
        }
        let account = one_line(&record.organization);
        let has_it_already = before.is_some_and(|row| one_line(&row.text(ACCOUNT_NAME)) == account);
        if !fields.contains(&ContactField::Organization)
            || account.is_empty()
            || has_it_already
            || !door.site().has(ACCOUNT)
        {
            return Ok(());
        }
        if let Some(id) = accounts::the_one(&door.api, &account).await? {
            put(values, ACCOUNT, id.to_string());
        }
        Ok(())
    }

    /// Refuses what would mail the contact: the CRM sends a new main address the sign-in to the customer portal.
    ///
    /// # Source
    /// `modules/Contacts/ContactsHandler.php` and the workflow that Vtiger is delivered with.
    fn check_change(
        &self,
        _api: &Api,
        _session: &Session,
        before: &Row,
        values: &Map<String, Value>,
    ) -> Result<(), Failure> {
        let address = values.get("email").and_then(Value::as_str);
        let changes = address.is_some_and(|address| address != before.text("email"));
        if changes && tags::is_ticked(before, PORTAL) {
            return Err(Failure::permanent(
                "portal_email",
                "the contact signs in to the customer portal with this e-mail address, and the CRM would mail it a \
                 new password: change the address in the CRM",
            ));
        }
        Ok(())
    }
}
