//! How a user marks contacts for the sync. SuiteCRM has no tags; it has three things that can serve as one.
//!
//! | name in the settings | in the CRM | costs |
//! |---|---|---|
//! | `Favorites` | the star on a contact's page, each user's own | a call a run and thousand stars |
//! | `Sync to Outlook` | the user's set of the Outlook plug-in | a call a run and two hundred contacts |
//! | any other, as `Google` | the checkbox `google_c` that an administrator has added to contacts | nothing |
//!
//! The star and the set leave the contact's `date_modified` as it is. So both are listed in every run, and where they
//! are not as they were, all of the user's contacts are read.
//!
//! # Source
//! Field guide, section 8, measured on 7.14.6; `modules/Favorites/controller.php` of salesagility/SuiteCRM.

use std::collections::HashSet;

use connector_http::lane::Repeat;
use http::Method;
use serde_json::{Map, Value};
use sync_core::failure::Failure;
use uuid::Uuid;

use super::super::call::Api;
use super::super::failure::SuiteFailure;
use super::super::list::all_rows;
use super::super::shape::Beside;
use super::super::text::stamp;
use super::super::wire::{
    ListQuery, Module, One, Page, Resource, link_body, link_path, record_body, record_path,
};
use crate::earliest::Earliest;

/// The module of the stars.
const STARS: &str = "Favorites";
/// Stars asked for at a time: nothing but an id is shown of each.
const STARS_PAGE_ROWS: usize = 1_000;
/// Contacts of the set asked for at a time: they come with all of their attributes.
const SET_PAGE_ROWS: usize = 200;
/// The link from a contact to the users who have it in their set.
const CHOSEN_BY: &str = "user_sync";
/// The link from a user to the contacts of the set.
const CHOSEN: &str = "contacts_sync";
/// The namespace of the ids of stars that we set, so that a repeat sets none twice.
const OUR_STARS: Uuid = Uuid::from_u128(0x2f1b_7c44_93d0_4e0a_8b57_61a9_0c3d_e812);
/// How many former stars of ours are passed over: the id of one that was taken away is good for nothing any more.
const STARS_TRIED: u32 = 32;

/// One thing that serves as a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tag {
    /// The star.
    Star,
    /// The set "Sync to Outlook".
    Set,
    /// A checkbox of this name.
    Checkbox(String),
}

impl Tag {
    /// The tag of that name. Studio writes a field's name in small letters, and `_c` behind it.
    pub(crate) fn named(name: &str) -> Self {
        let plain: String = name
            .trim()
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        match plain.as_str() {
            "favorites" | "favourites" | "favorite" | "favourite" | "star" => Tag::Star,
            "sync_to_outlook" | "sync_contact" | "user_sync" => Tag::Set,
            field if field.ends_with("_c") => Tag::Checkbox(plain),
            field => Tag::Checkbox(format!("{field}_c")),
        }
    }
}

/// The tags of one user.
#[derive(Debug, Clone)]
pub(crate) struct Tags {
    tags: Vec<Tag>,
    user: String,
}

impl Tags {
    pub(crate) fn new(names: &[String], user: &str) -> Self {
        Self {
            tags: names.iter().map(|name| Tag::named(name)).collect(),
            user: user.to_owned(),
        }
    }

    /// Whether contacts can be marked at all.
    pub(crate) fn is_any(&self) -> bool {
        !self.tags.is_empty()
    }

    /// The checkboxes among them.
    pub(crate) fn checkboxes(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter_map(|tag| match tag {
            Tag::Checkbox(field) => Some(field.as_str()),
            Tag::Star | Tag::Set => None,
        })
    }

    /// Whether a contact bears one of them.
    pub(crate) fn are_on(&self, contact: &Resource) -> bool {
        contact.chosen || self.checkboxes().any(|field| is_ticked(contact, field))
    }

    /// The attributes that put the tag on a contact or take all of them off; `before` is how the contact reads.
    pub(crate) fn write(&self, on: bool, before: Option<&Resource>, attributes: &mut Map<String, Value>) {
        if before.is_some_and(|before| self.are_on(before) == on) {
            return;
        }
        if on {
            if let Some(Tag::Checkbox(field)) = self.tags.first() {
                attributes.insert(field.clone(), "1".into());
            }
            return;
        }
        let ticked = |field: &&str| before.is_some_and(|before| is_ticked(before, field));
        for field in self.checkboxes().filter(ticked) {
            attributes.insert(field.to_owned(), "0".into());
        }
    }

    /// Does what attributes cannot: sets the star or chooses for the set, or takes both away. Answers whether there
    /// was something to do. Harmless to repeat.
    pub(crate) async fn follow(&self, api: &Api, contact: &str, on: bool) -> Result<bool, Failure> {
        let tags = if on {
            self.tags.get(..1)
        } else {
            Some(self.tags.as_slice())
        };
        let mut done = false;
        for tag in tags.unwrap_or_default() {
            match (tag, on) {
                (Tag::Checkbox(_), _) => continue,
                (Tag::Star, true) => self.set_star(api, contact).await?,
                (Tag::Star, false) => self.take_stars(api, contact).await?,
                (Tag::Set, true) => self.choose(api, contact).await?,
                (Tag::Set, false) => self.let_go(api, contact).await?,
            }
            done = true;
        }
        Ok(done)
    }

    /// The contacts with a star or in the set.
    pub(crate) async fn chosen(&self, api: &Api, earliest: &Earliest) -> Result<Beside, Failure> {
        let mut chosen = HashSet::new();
        for tag in &self.tags {
            match tag {
                Tag::Star => {
                    let query = self.stars(STARS_PAGE_ROWS);
                    let stars = all_rows(api, query, ListQuery::path, earliest).await?;
                    let starred = stars.iter().filter_map(|row| row.attributes.filled("parent_id"));
                    chosen.extend(starred.map(|id| id.to_ascii_lowercase()));
                }
                Tag::Set => {
                    let link = link_path("Users", &self.user, CHOSEN);
                    let query = ListQuery::of(Module::Contacts.as_str(), SET_PAGE_ROWS);
                    let path = |query: &ListQuery| query.path_behind(&link);
                    let rows = all_rows(api, query, path, earliest).await?;
                    chosen.extend(rows.into_iter().map(|row| row.id.to_ascii_lowercase()));
                }
                Tag::Checkbox(_) => {}
            }
        }
        let mut sorted: Vec<&str> = chosen.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let stamp = if sorted.is_empty() {
            String::new()
        } else {
            stamp(sorted)
        };
        Ok(Beside { chosen, stamp })
    }

    /// Whether one contact has a star or is in the set.
    pub(crate) async fn is_chosen(&self, api: &Api, contact: &str) -> Result<bool, SuiteFailure> {
        for tag in &self.tags {
            let found = match tag {
                Tag::Star => !self.stars_of(api, contact).await?.is_empty(),
                Tag::Set => {
                    let users: Page = api
                        .get(&link_path(Module::Contacts.as_str(), contact, CHOSEN_BY))
                        .await?;
                    users
                        .data
                        .iter()
                        .any(|user| user.id.eq_ignore_ascii_case(&self.user))
                }
                Tag::Checkbox(_) => false,
            };
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn stars(&self, rows: usize) -> ListQuery {
        ListQuery {
            fields: vec!["parent_id".to_owned()],
            filters: vec![
                ("assigned_user_id", "eq", self.user.clone()),
                ("parent_type", "eq", Module::Contacts.as_str().to_owned()),
            ],
            ..ListQuery::of(STARS, rows)
        }
    }

    async fn stars_of(&self, api: &Api, contact: &str) -> Result<Vec<Resource>, SuiteFailure> {
        let mut query = self.stars(SET_PAGE_ROWS);
        query.filters.push(("parent_id", "eq", contact.to_owned()));
        let page: Page = api.get(&query.path()).await?;
        Ok(page.data)
    }

    async fn set_star(&self, api: &Api, contact: &str) -> Result<(), Failure> {
        if !self.stars_of(api, contact).await?.is_empty() {
            return Ok(());
        }
        let text = |text: String| Value::String(text);
        let attributes = Map::from_iter([
            (
                "name".to_owned(),
                text(format!("{} {contact} {}", Module::Contacts, self.user)),
            ),
            (
                "parent_type".to_owned(),
                text(Module::Contacts.as_str().to_owned()),
            ),
            ("parent_id".to_owned(), text(contact.to_owned())),
            ("assigned_user_id".to_owned(), text(self.user.clone())),
        ]);
        for number in 0..STARS_TRIED {
            let name = format!("{} {} {number}", self.user, contact.to_ascii_lowercase());
            let id = Uuid::new_v5(&OUR_STARS, name.as_bytes()).hyphenated().to_string();
            let body = record_body(STARS, &id, &attributes);
            let Err(cause) = api
                .write::<One>(Method::POST, "module", Some(&body), Repeat::Never)
                .await
            else {
                return Ok(());
            };
            if cause.outcome_unknown() && !self.stars_of(api, contact).await?.is_empty() {
                return Ok(());
            }
            if cause != SuiteFailure::AlreadyExists {
                return Err(cause.into());
            }
        }
        Err(Failure::permanent(
            "stars_burnt",
            "the star of this contact was set and taken away again and again",
        ))
    }

    async fn take_stars(&self, api: &Api, contact: &str) -> Result<(), Failure> {
        for star in self.stars_of(api, contact).await? {
            let path = record_path(STARS, &star.id, &[]);
            match api
                .write::<Value>(Method::DELETE, &path, None, Repeat::Harmless)
                .await
            {
                Ok(_) => {}
                Err(cause) if cause.says_gone(STARS, &star.id) => {}
                Err(cause) => return Err(cause.into()),
            }
        }
        Ok(())
    }

    async fn choose(&self, api: &Api, contact: &str) -> Result<(), Failure> {
        let path = link_path(Module::Contacts.as_str(), contact, CHOSEN_BY);
        let body = link_body("Users", &self.user);
        api.write::<Value>(Method::POST, &path, Some(&body), Repeat::Harmless)
            .await?;
        Ok(())
    }

    async fn let_go(&self, api: &Api, contact: &str) -> Result<(), Failure> {
        unlink(api, contact, CHOSEN_BY, &self.user).await
    }
}

fn is_ticked(contact: &Resource, field: &str) -> bool {
    contact
        .attributes
        .filled(field)
        .is_some_and(|ticked| ticked != "0")
}

/// Takes a link off a contact. Harmless to repeat: what is not linked any more is what was wanted.
pub(super) async fn unlink(api: &Api, contact: &str, link: &str, other: &str) -> Result<(), Failure> {
    let place = link_path(Module::Contacts.as_str(), contact, link);
    let path = format!("{place}/{other}");
    match api
        .write::<Value>(Method::DELETE, &path, None, Repeat::Harmless)
        .await
    {
        Ok(_) | Err(SuiteFailure::NotRelated) => Ok(()),
        Err(cause) => Err(cause.into()),
    }
}
