//! Contacts.
//!
//! | file | holds |
//! |---|---|
//! | `convert` | attributes to contact and back |
//! | `addresses` | e-mail addresses, which are records of their own |
//! | `tags` | what serves as a tag |
//!
//! In scope are contacts that the user is responsible for. The account of a contact is read by its name; a name that
//! comes from the other side is written where exactly one account has it, and else the contact keeps the account it
//! has: an account stands for a customer, and is neither made nor taken away in passing.

mod addresses;
mod convert;
pub(super) mod tags;

use async_trait::async_trait;
use serde_json::{Map, Value};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::contact::{ContactField, ContactLimits, ContactRecord};
use sync_core::port::{Safekeeping, Update};
use url::Url;

use super::call::Api;
use super::door::Door;
use super::failure::SuiteFailure;
use super::shape::{Beside, Shape, Unreadable};
use super::site::Site;
use super::text::one_line;
use super::wire::{Attributes, ListQuery, Module, Page, Resource};
use crate::earliest::Earliest;
use convert::ACCOUNT_NAME;
use tags::Tags;

/// The contacts of one user.
#[derive(Debug)]
pub(crate) struct Contacts {
    tags: Tags,
}

impl Contacts {
    pub(crate) fn new(tags: Tags) -> Self {
        Self { tags }
    }
}

#[async_trait]
impl Shape for Contacts {
    type Record = ContactRecord;

    const MODULES: &'static [Module] = &[Module::Contacts];
    const COPIES: Module = Module::Contacts;
    const TEXTS: &'static [&'static str] = &["first_name", "last_name", "title", "description"];

    fn limits(&self, site: &Site) -> ContactLimits {
        convert::limits(site, self.tags.is_any())
    }

    fn fields(&self, _module: Module, _site: &Site) -> Vec<String> {
        let checkboxes = self.tags.checkboxes().map(str::to_owned);
        convert::fields().into_iter().chain(checkboxes).collect()
    }

    fn lacking(&self, cause: SuiteFailure) -> Failure {
        if let SuiteFailure::UnknownProperty { property, module: _ } = &cause
            && self.tags.checkboxes().any(|field| field == property)
        {
            let message = format!(
                "contacts in the CRM have no checkbox {property}, by which the tags in the settings would mark them; \
                 have it added in Studio, or use the tag Favorites, which is the star"
            );
            return Failure::permanent("no_tag", message);
        }
        cause.into()
    }

    async fn beside(&self, api: &Api, earliest: &Earliest) -> Result<Beside, Failure> {
        self.tags.chosen(api, earliest).await
    }

    async fn is_chosen(&self, api: &Api, id: &str) -> Result<bool, SuiteFailure> {
        self.tags.is_chosen(api, id).await
    }

    fn observed(
        &self,
        _module: Module,
        resource: &Resource,
        base_url: &Url,
    ) -> Result<Observed<ContactRecord>, Unreadable> {
        Ok(convert::observed(resource, self.tags.are_on(resource), base_url))
    }

    fn attributes(
        &self,
        _module: Module,
        record: &ContactRecord,
        fields: &[ContactField],
        before: Option<&Resource>,
        site: &Site,
    ) -> Map<String, Value> {
        let mut attributes = convert::attributes(record, fields, before, site);
        if fields.contains(&ContactField::Labelled) {
            self.tags.write(record.labelled, before, &mut attributes);
        }
        attributes
    }

    async fn look_up(
        &self,
        api: &Api,
        record: &ContactRecord,
        fields: &[ContactField],
        before: Option<&Resource>,
        attributes: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        addresses::check(record, fields)?;
        let account = one_line(&record.organization);
        let now = before.and_then(|before| before.attributes.text(ACCOUNT_NAME));
        let has_it_already = now.is_some_and(|now| one_line(&now) == account);
        if !fields.contains(&ContactField::Organization) || account.is_empty() || has_it_already {
            return Ok(());
        }
        if let Some(id) = the_account(api, &account).await? {
            attributes.insert("account_id".to_owned(), id.into());
        }
        Ok(())
    }

    /// The answer repeats the addresses that were sent, kept or not.
    fn tells_all(&self, _module: Module, _attributes: &Attributes) -> bool {
        false
    }

    fn is_half_changed(
        &self,
        now: &Observed<ContactRecord>,
        expected: &Version,
        fields: &[ContactField],
    ) -> bool {
        let record = &now.record;
        let replaces = [ContactField::EmailWork, ContactField::EmailOther]
            .iter()
            .any(|field| fields.contains(field));
        replaces
            && record.email_work.is_empty()
            && record.email_other.is_empty()
            && convert::same_but_for_addresses(&now.version, expected)
    }

    async fn rewrite(
        door: &Door<Self>,
        update: &Update<ContactRecord>,
        (before, seen): (&Resource, &Observed<ContactRecord>),
        safe: Option<&dyn Safekeeping>,
    ) -> Result<Option<Resource>, Failure> {
        let (id, fields) = (&update.id, update.fields.as_slice());
        let attributes = door.attributes_of(update, before).await?;
        let mut after = match addresses::wanted(&update.record, fields, before) {
            Some(wanted) => {
                let after = addresses::replace(door, (id, before), &wanted, attributes, safe).await?;
                Some(after)
            }
            None if attributes.is_empty() => None,
            None => Some(
                door.patch(Module::Contacts, id, &attributes, &seen.version)
                    .await?,
            ),
        };
        // The tag comes last: a contact that is half changed stays in scope.
        let tags = &door.shape.tags;
        let moves = fields.contains(&ContactField::Labelled) && tags.are_on(before) != update.record.labelled;
        if moves && tags.follow(&door.api, &id.id, update.record.labelled).await? {
            after = Some(door.fetch(Module::Contacts, &id.id).await?);
        }
        Ok(after)
    }

    async fn put_back_taken(door: &Door<Self>, id: &RemoteId, taken: &Value) -> Result<(), Failure> {
        addresses::put_back(door, id, taken).await
    }

    /// A copy that was made for the sake of its label and lost the way in the middle gets it all the same.
    async fn finish_copy(
        &self,
        api: &Api,
        id: &RemoteId,
        record: Option<&ContactRecord>,
    ) -> Result<bool, Failure> {
        if record.is_some_and(|record| !record.labelled) {
            return Ok(false);
        }
        self.tags.follow(api, &id.id, true).await
    }
}

/// The id of the one account of that name; `None` where there is none or more than one.
async fn the_account(api: &Api, name: &str) -> Result<Option<String>, Failure> {
    let query = ListQuery {
        fields: vec!["name".to_owned()],
        filters: vec![("name", "eq", name.to_owned())],
        ..ListQuery::of("Accounts", 2)
    };
    let page: Page = match api.get(&query.path()).await {
        Ok(page) => page,
        // A role that keeps accounts from the API user keeps contacts from none of theirs.
        Err(SuiteFailure::AccessDenied) => return Ok(None),
        Err(cause) => return Err(cause.into()),
    };
    let same = |row: &&Resource| {
        row.attributes
            .text("name")
            .is_some_and(|text| one_line(&text) == name)
    };
    let mut found = page.data.iter().filter(same);
    Ok(match (found.next(), found.next()) {
        (Some(only), None) if page.data.len() == 1 => Some(only.id.clone()),
        (Some(_) | None, _) => None,
    })
}
