//! Whether a write may be: its etags, its memberships.

use serde_json::{Map, Value};

use super::refusal::{Denial, Denied};
use super::show::{person_etag, source_etag};
use super::store::{Book, Version};
use super::text;

/// Refuses a body that does not name the version it was made from. The contact's own etag is always good; the
/// person's only if it came from a single read that asked for all that is written.
///
/// # Source
/// people.updateContact reference; google-api-python-client #1169, #2417; google-api-go-client #1904
pub(super) fn version(body: &Value, version: &Version, mask: &[String]) -> Denied<()> {
    let sources = body
        .get("metadata")
        .and_then(|metadata| metadata.get("sources"))
        .and_then(Value::as_array);
    let contact = sources
        .into_iter()
        .flatten()
        .find(|source| text(source, "type") == "CONTACT");
    if let Some(source) = contact {
        return if text(source, "etag") == source_etag(version) {
            Ok(())
        } else {
            Err(Denial::stale())
        };
    }
    let etag = text(body, "etag");
    if etag.is_empty() {
        return Err(Denial::invalid(
            "Request must set person.etag or person.metadata.sources.etag for the source that is being updated.",
        ));
    }
    if etag == person_etag(version, mask, "get") {
        Ok(())
    } else {
        Err(Denial::stale())
    }
}

/// Refuses memberships that cannot be: none at all, or in groups that are not there or take no members.
pub(super) fn memberships(book: &Book, fields: &Map<String, Value>, before: Option<&Version>) -> Denied<()> {
    let groups = groups_of(fields);
    if groups.is_empty() {
        return Err(Denial::invalid(
            "Request must have at least one contact group membership in person.memberships.",
        ));
    }
    let had = before
        .and_then(|version| version.fields.as_ref())
        .map(groups_of)
        .unwrap_or_default();
    for group in groups {
        if !had.contains(&group) && !book.takes_members(&group) {
            return Err(Denial::invalid(format!(
                "Contact group {group} cannot have members added."
            )));
        }
    }
    Ok(())
}

/// The groups that a contact is in, without `contactGroups/`.
pub(super) fn groups_of(fields: &Map<String, Value>) -> Vec<String> {
    fields
        .get("memberships")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|membership| membership.get("contactGroupMembership"))
        .filter_map(|group| text(group, "contactGroupResourceName").strip_prefix("contactGroups/"))
        .map(str::to_owned)
        .collect()
}
