//! E-mail addresses: records of their own, which contacts share.
//!
//! A change of `email1` is answered with 201 and ignored as long as any address is linked with the contact. So all are
//! unlinked, the new ones sent, and those that the contact had besides are linked again. The record of an address is
//! never changed: it is everybody's who has the address.
//!
//! Cut off in the middle, this leaves a contact without addresses, which no change query shows. The change that was
//! under way is found again by the next run, meets a contact that differs in nothing but its lost addresses, and goes
//! on with it. Addresses beyond the two that a contact shows are shown nowhere else, so where there are some, what the
//! contact has is kept before the first one is unlinked. The next run puts it back before it reads: the contact is then
//! as it was, and the change begins anew; or, where the new addresses are there already, only the others are linked. To
//! link first would not help, since `email1` is taken only by a contact without any address, and which of those that are
//! left becomes the primary one is the CRM's choice.
//!
//! # Source
//! Field guide, section 8, measured on 7.14.6 and 7.15.0; SuiteCRM issues 8293, 9960 and 10513.

use connector_http::lane::Repeat;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::contact::{ContactField, ContactRecord, Value as Held, email_key};
use sync_core::port::Safekeeping;

use super::super::call::Api;
use super::super::door::Door;
use super::super::failure::SuiteFailure;
use super::super::list::all_rows;
use super::super::text::one_line;
use super::super::wire::{ListQuery, Module, Resource, link_body, link_path};
use super::Contacts;
use super::convert::ADDRESSES;
use super::tags::unlink;
use crate::earliest::Earliest;

/// The link from a contact to its addresses.
const LINK: &str = "email_addresses";
/// The module of the addresses, in lists.
const MODULE: &str = "EmailAddresses";
/// The same, where one is linked.
const OBJECT: &str = "EmailAddress";
/// Addresses asked for at a time; nobody has so many.
const PAGE_ROWS: usize = 100;

/// The addresses that a contact shall show, the primary one first; `None` where they stay as they are.
pub(super) fn wanted(
    record: &ContactRecord,
    fields: &[ContactField],
    before: &Resource,
) -> Option<Vec<String>> {
    let named = |field: &ContactField| fields.contains(field);
    if !ADDRESSES.iter().any(|(field, _)| named(field)) {
        return None;
    }
    let shown = shown(before);
    let of = |(place, (field, _)): (usize, &(ContactField, &str))| match record.value(*field) {
        Held::Text(text) if named(field) => text.to_owned(),
        Held::Text(_) | Held::Address(_) | Held::Birthday(_) | Held::Flag(_) => {
            shown.get(place).cloned().unwrap_or_default()
        }
    };
    let wanted: Vec<String> = ADDRESSES.iter().enumerate().map(of).collect();
    let same = wanted
        .iter()
        .zip(&shown)
        .all(|(one, two)| email_key(one) == email_key(two));
    (!same).then(|| distinct(wanted))
}

/// Both addresses that a contact shows, empty where it has none.
fn shown(contact: &Resource) -> Vec<String> {
    let text = |name: &str| one_line(&contact.attributes.text(name).unwrap_or_default());
    ADDRESSES.iter().map(|(_, name)| text(name)).collect()
}

/// Without the empty ones and what comes twice: a contact without a primary address shows its second one as that.
fn distinct(addresses: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for address in addresses {
        if !address.is_empty() && !kept.iter().any(|one| email_key(one) == email_key(&address)) {
            kept.push(address);
        }
    }
    kept
}

/// Makes sure that the CRM will not drop an address without a word.
pub(super) fn check(record: &ContactRecord, fields: &[ContactField]) -> Result<(), Failure> {
    for (field, _) in ADDRESSES {
        if let Held::Text(text) = record.value(field)
            && fields.contains(&field)
            && !text.is_empty()
            && !is_address(text)
        {
            return Err(refused());
        }
    }
    Ok(())
}

fn refused() -> Failure {
    Failure::permanent(
        "email_refused",
        "the CRM takes no e-mail address that is not a complete one, and one of this contact's is none",
    )
}

/// Whether the CRM takes it for an address. It is not asked about the odd shapes that it may or may not take.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let dotted = |text: &str| text.split('.').all(|part| !part.is_empty());
    dotted(local)
        && dotted(domain)
        && domain.contains('.')
        && domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        && local
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c))
}

/// An address that a contact has.
#[derive(Debug, Clone)]
struct Linked {
    id: String,
    address: String,
}

/// What a contact had before its addresses were unlinked.
#[derive(Debug, Serialize, Deserialize)]
struct Taken {
    /// Both addresses that it showed, the primary one first.
    shown: Vec<String>,
    /// The ids of those that it had besides.
    others: Vec<String>,
    /// The ids of all.
    all: Vec<String>,
}

/// Replaces the addresses that a contact shows, with the other attributes in the same write, and says how it reads
/// then. Where the CRM does not keep the new addresses, the former ones are put back.
pub(super) async fn replace(
    door: &Door<Contacts>,
    (id, before): (&RemoteId, &Resource),
    wanted: &[String],
    attributes: Map<String, Value>,
    safe: Option<&dyn Safekeeping>,
) -> Result<Resource, Failure> {
    let former = distinct(shown(before));
    let had = linked(&door.api, &id.id).await?;
    let is_in = |list: &[String], one: &Linked| {
        list.iter()
            .any(|other| email_key(other) == email_key(&one.address))
    };
    let others: Vec<String> = had
        .iter()
        .filter(|one| !is_in(&former, one) && !is_in(wanted, one))
        .map(|one| one.id.clone())
        .collect();
    if let (Some(safe), false) = (safe, others.is_empty()) {
        let taken = Taken {
            shown: former.clone(),
            others: others.clone(),
            all: had.iter().map(|one| one.id.clone()).collect(),
        };
        safe.keep(serde_json::to_value(taken).unwrap_or_default()).await?;
    }
    let after = match set(door, id, &had, wanted, &others, attributes).await {
        Ok(after) if keeps(&after, wanted) => return Ok(after),
        other => other,
    };
    // Whatever went wrong, a contact without its addresses is worse.
    let now = linked(&door.api, &id.id).await;
    let restored = match now {
        Ok(now) => set(door, id, &now, &former, &others, Map::new()).await.map(drop),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = restored {
        tracing::warn!(record.id = %id, %failure, "the former e-mail addresses of a contact could not be put back");
    }
    after.and_then(|_| Err(refused()))
}

fn keeps(contact: &Resource, wanted: &[String]) -> bool {
    let shown = shown(contact);
    // Which of several is shown as the second one is the CRM's affair.
    wanted.first().is_none_or(|first| {
        let primary = shown.first().map(String::as_str).unwrap_or_default();
        email_key(primary) == email_key(first)
    }) && (wanted.len() < 2 || shown.iter().all(|one| !one.is_empty()))
}

/// Unlinks what is linked, sends the addresses, links the others again.
async fn set(
    door: &Door<Contacts>,
    id: &RemoteId,
    had: &[Linked],
    wanted: &[String],
    others: &[String],
    mut attributes: Map<String, Value>,
) -> Result<Resource, Failure> {
    for one in had {
        unlink(&door.api, &id.id, LINK, &one.id).await?;
    }
    for ((_, name), address) in ADDRESSES.iter().zip(wanted) {
        attributes.insert((*name).to_owned(), address.clone().into());
    }
    if !attributes.is_empty() {
        let bare = door.fetch(Module::Contacts, &id.id).await?;
        let Observed { version, .. } = door.observed(Module::Contacts, &bare)?;
        door.patch(Module::Contacts, id, &attributes, &version).await?;
    }
    for other in others {
        link(&door.api, &id.id, other).await?;
    }
    Ok(door.fetch(Module::Contacts, &id.id).await?)
}

/// Puts back what a change of addresses that was cut off has taken away.
pub(super) async fn put_back(door: &Door<Contacts>, id: &RemoteId, taken: &Value) -> Result<(), Failure> {
    let Ok(taken) = Taken::deserialize(taken) else {
        let message = "what was kept of a contact's e-mail addresses cannot be read";
        return Err(Failure::permanent("kept_unreadable", message));
    };
    match door.fetch(Module::Contacts, &id.id).await {
        Ok(_) => {}
        Err(cause) if cause.says_gone(Module::Contacts.as_str(), &id.id) => return Ok(()),
        Err(cause) => return Err(cause.into()),
    }
    let now = linked(&door.api, &id.id).await?;
    let is_in = |ids: &[String], one: &str| ids.iter().any(|id| id.eq_ignore_ascii_case(one));
    let nothing_new = now.iter().all(|one| is_in(&taken.all, &one.id));
    if nothing_new && now.len() < taken.all.len() {
        return set(door, id, &now, &taken.shown, &taken.others, Map::new())
            .await
            .map(drop);
    }
    let there: Vec<String> = now.into_iter().map(|one| one.id).collect();
    for other in taken.others.iter().filter(|other| !is_in(&there, other)) {
        link(&door.api, &id.id, other).await?;
    }
    Ok(())
}

/// Links an address with a contact. One whose own record is gone is nobody's any more.
async fn link(api: &Api, contact: &str, address: &str) -> Result<(), Failure> {
    let path = link_path(Module::Contacts.as_str(), contact, LINK);
    let body = link_body(OBJECT, address);
    match api
        .write::<Value>(Method::POST, &path, Some(&body), Repeat::Harmless)
        .await
    {
        Ok(_) => Ok(()),
        Err(SuiteFailure::NotFound { module: _, id }) if id.eq_ignore_ascii_case(address) => Ok(()),
        Err(cause) => Err(cause.into()),
    }
}

/// All addresses of a contact.
async fn linked(api: &Api, contact: &str) -> Result<Vec<Linked>, Failure> {
    let link = link_path(Module::Contacts.as_str(), contact, LINK);
    let query = ListQuery::of(MODULE, PAGE_ROWS);
    let rows = all_rows(api, query, |query| query.path_behind(&link), &Earliest::default()).await?;
    let of = |row: Resource| Linked {
        address: one_line(&row.attributes.text("email_address").unwrap_or_default()),
        id: row.id,
    };
    Ok(rows.into_iter().map(of).collect())
}
