//! The contact group that is the label.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use connector_http::lane::Lane;
use connector_http::token::TokenSource;
use http::Method;
use serde_json::json;
use sync_core::failure::Failure;

use super::GooglePeople;
use super::failure::failure_of;
use super::wire::{Group, GroupsPage};
use crate::api::{Api, Call, Sent};
use crate::endpoints::GoogleEndpoints;

/// Most pages read; at a thousand groups a page nobody gets near it.
const PAGES_MAX: usize = 20;

/// Lists the names of a user's labels, by the alphabet.
///
/// # Errors
/// `Reauth` where the authorisation or the scope is gone, `Retryable` where Google is away.
pub async fn list_labels(
    endpoints: &GoogleEndpoints,
    lane: Lane,
    tokens: Arc<dyn TokenSource>,
) -> Result<Vec<String>, Failure> {
    let api = Api::new(&endpoints.people, lane, tokens);
    let mut names: Vec<String> = groups(&api).await?.into_iter().map(|group| group.name).collect();
    names.sort_by_cached_key(|name| name.to_lowercase());
    Ok(names)
}

impl GooglePeople {
    /// Finds the label's group: the one known before, whatever it is called now, or else the one of that name.
    ///
    /// `copies` says whether there are copies of ours: where nobody knows how the last reading stood, they were put under
    /// one, so that it is gone now, and every one of them would look as if a person had taken it off.
    pub(super) async fn find_label(&self, known: Option<&str>, copies: bool) -> Result<(), Failure> {
        let Some(label) = &self.label else { return Ok(()) };
        let groups = groups(&self.api).await?;
        let named = |name: &str| {
            groups.iter().find(|group| group.name == name).or_else(|| {
                groups
                    .iter()
                    .find(|group| group.name.to_lowercase() == name.to_lowercase())
            })
        };
        let found = known
            .and_then(|known| groups.iter().find(|group| group.resource_name == known))
            .or_else(|| named(label))
            .map(|group| group.resource_name.clone());
        let was_there = known.is_some() || copies && self.stood.is_none();
        if found.is_none() && was_there {
            return Err(Failure::permanent(
                "label_gone",
                format!(
                    "the label {label} was deleted in Google Contacts; make it again and put the contacts under it, or \
                     choose another one"
                ),
            ));
        }
        self.learn_group(found);
        Ok(())
    }

    /// Finds the label's group where nothing was read before: a contact by itself says the same as among all.
    pub(super) async fn know_label(&self) -> Result<(), Failure> {
        if self.label.is_none() || self.knows_group.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.find_label(self.stood_under(), false).await
    }

    /// Finds the label's group or makes it, before something is put under it.
    pub(super) async fn need_label(&self) -> Result<(), Failure> {
        let (Some(label), None) = (&self.label, self.group()) else {
            return Ok(());
        };
        self.find_label(None, false).await?;
        if self.group().is_some() {
            return Ok(());
        }
        let sent = self
            .api
            .send_once(Call {
                method: Method::POST,
                path: &["contactGroups"],
                query: Vec::new(),
                if_match: None,
                body: Some(json!({ "contactGroup": { "name": label } })),
            })
            .await?;
        match sent {
            Sent::Answered(answer) if answer.is_success() => {
                self.learn_group(Some(answer.json::<Group>()?.resource_name));
                return Ok(());
            }
            // Somebody was faster, or it was made after all.
            Sent::Answered(answer) if answer.status != 409 => return Err(failure_of(&answer)),
            Sent::Answered(_) | Sent::Broken(_) | Sent::Lost(_) => {}
        }
        self.find_label(None, false).await?;
        if self.group().is_some() {
            Ok(())
        } else {
            Err(Failure::retryable(
                "label_unknown",
                "it is not known yet whether the label was made",
                None,
            ))
        }
    }
}

/// The user's own groups.
async fn groups(api: &Api) -> Result<Vec<Group>, Failure> {
    let mut groups = Vec::new();
    let query = [("pageSize", "1000"), ("groupFields", "groupType,name")];
    let take = |page: GroupsPage| {
        let own = |group: &Group| group.kind != "SYSTEM_CONTACT_GROUP";
        groups.extend(page.contact_groups.into_iter().filter(own));
        page.next_page_token
    };
    api.pages(&["contactGroups"], &query, PAGES_MAX, failure_of, take)
        .await?;
    Ok(groups)
}
