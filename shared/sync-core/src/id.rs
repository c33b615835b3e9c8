//! Names of things: account links, remote records, versions, cursors.

use serde::{Deserialize, Serialize};

/// Names one account link: one user of one registered CRM, joined with one Google account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountLinkId {
    /// The slug under which the CRM is registered, `[a-z0-9-]{1,40}`.
    pub crm: String,
    /// The CRM's own id of the user.
    pub user: String,
}

impl AccountLinkId {
    /// Joins the two names.
    pub fn new(crm: impl Into<String>, user: impl Into<String>) -> Self {
        Self {
            crm: crm.into(),
            user: user.into(),
        }
    }
}

impl std::fmt::Display for AccountLinkId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.crm, self.user)
    }
}

/// A side's own name for a record: the collection it lies in and its id there.
///
/// On the CRM's side the collection is the module (`Meetings`), on Google's the calendar (`primary`).
/// Ids are opaque and case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RemoteId {
    /// Calendar, task list, contact group or CRM module.
    pub collection: String,
    /// The record's id within the side.
    pub id: String,
}

impl RemoteId {
    /// Joins collection and id.
    pub fn new(collection: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            collection: collection.into(),
            id: id.into(),
        }
    }
}

impl std::fmt::Display for RemoteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.collection, self.id)
    }
}

/// An opaque stamp of a record that changes when the record does (an etag, a revision, a content hash).
///
/// Only ever compared for equality, and only with a version of the same record on the same side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version(pub String);

/// An opaque resume point of one side, written by its connector and understood by nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub String);
