//! How a user marks contacts for the sync.
//!
//! | name in the settings | in the CRM | costs | can be put on and taken off from outside |
//! |---|---|---|---|
//! | the label of a checkbox that an administrator has added to contacts, or its column `cf_…` | that checkbox | nothing | yes |
//! | any other | a shared tag of that name | a request a run and hundred contacts | no |
//!
//! A tag leaves no trace on the contact, so who bears one is listed in every run. The star is no mark for the sync: it is
//! each user's own, and all that is seen from outside is the API user's.
//!
//! # Source
//! Field guide, section 7; the star's table is joined by the user of the session (`include/QueryGenerator`).

use serde_json::{Map, Value};
use sync_core::failure::Failure;

use super::super::site::Site;
use super::super::text::put;
use super::super::wire::Row;

/// The column that lists a contact's tags.
pub(super) const TAGS: &str = "tags";
/// What people call the star.
const STARS: [&str; 10] = [
    "favorites",
    "favourites",
    "favorite",
    "favourite",
    "star",
    "starred",
    "stars",
    "follow",
    "followed",
    "following",
];

/// The tags of one user's settings.
#[derive(Debug, Clone)]
pub(super) struct Tags {
    names: Vec<String>,
}

/// A name as names are compared.
pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Tags {
    pub(super) fn new(names: &[String]) -> Self {
        Self {
            names: names.iter().map(|name| key(name)).collect(),
        }
    }

    /// Whether contacts can be marked at all.
    pub(super) fn is_any(&self) -> bool {
        !self.names.is_empty()
    }

    /// Makes sure that none of them is the star.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.names.iter().any(|name| STARS.contains(&name.as_str())) {
            return Err(Failure::permanent(
                "star_unseen",
                "a star in Vtiger is seen by nobody but the user who set it, so it cannot choose contacts for the \
                 sync: name a checkbox on contacts or a shared tag in the settings instead",
            ));
        }
        Ok(())
    }

    /// The checkboxes among them, by their columns.
    fn checkboxes<'a>(&'a self, site: &'a Site) -> impl Iterator<Item = &'a str> {
        let columns = self.names.iter().filter_map(|name| site.checkboxes.get(name));
        columns.map(String::as_str)
    }

    /// Whether one of them is a shared tag.
    pub(super) fn has_shared(&self, site: &Site) -> bool {
        self.names.iter().any(|name| !site.checkboxes.contains_key(name))
    }

    /// The columns in which they stand.
    pub(super) fn columns(&self, site: &Site) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for column in self.checkboxes(site).chain(self.has_shared(site).then_some(TAGS)) {
            if !columns.iter().any(|known| known == column) {
                columns.push(column.to_owned());
            }
        }
        columns
    }

    /// Whether a contact bears one of them.
    pub(super) fn are_on(&self, row: &Row, site: &Site) -> bool {
        self.has_shared_on(row, site) || self.checkboxes(site).any(|column| is_ticked(row, column))
    }

    /// Whether a contact bears one of the shared tags.
    pub(super) fn has_shared_on(&self, row: &Row, site: &Site) -> bool {
        let tags = row.text(TAGS);
        let mut tags = tags.split(',').map(key);
        tags.any(|tag| self.names.contains(&tag) && !site.checkboxes.contains_key(&tag))
    }

    /// The columns that mark a contact or take all marks off; `before` is how the contact reads.
    pub(super) fn write(
        &self,
        on: bool,
        before: Option<&Row>,
        site: &Site,
        values: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        if before.map_or(!on, |before| self.are_on(before, site) == on) {
            return Ok(());
        }
        if on {
            let column = self.checkboxes(site).next().ok_or_else(not_writable)?;
            put(values, column, "1");
            return Ok(());
        }
        if before.is_some_and(|before| self.has_shared_on(before, site)) {
            return Err(not_writable());
        }
        for column in self.checkboxes(site) {
            put(values, column, "0");
        }
        Ok(())
    }
}

/// Whether a checkbox is ticked.
pub(super) fn is_ticked(row: &Row, column: &str) -> bool {
    let ticked = row.filled(column).map(|value| value.to_lowercase());
    ticked.is_some_and(|ticked| matches!(ticked.as_str(), "1" | "on" | "yes" | "true"))
}

fn not_writable() -> Failure {
    Failure::permanent(
        "tag_not_writable",
        "tags in Vtiger can be put on and taken off in the CRM only, and the label in Google asks for the other way \
         round: change the tag in the CRM, or let the administrator add a checkbox of its name to contacts",
    )
}
