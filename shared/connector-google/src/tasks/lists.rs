//! Which list is meant, and all of them for pages.

use std::sync::Arc;

use connector_http::lane::Lane;
use connector_http::token::TokenSource;
use http::Method;
use serde_json::json;
use sync_core::failure::Failure;

use super::GoogleTasks;
use super::failure::failure_of;
use super::wire::{ListEntry, ListsPage};
use crate::api::{Api, Call, Sent};
use crate::endpoints::GoogleEndpoints;

/// The user's default list, as Google names it.
const DEFAULT: &str = "@default";
/// Asks for a list of the sync's own.
const DEDICATED: &str = "dedicated";
/// What that list is called.
const DEDICATED_TITLE: &str = "CRM";
/// Most pages read; at a thousand lists a page, a user's two thousand need three.
const PAGES_MAX: usize = 40;

/// One of a user's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskList {
    /// Its id.
    pub id: String,
    /// Its title as the user sees it.
    pub title: String,
}

/// Lists a user's task lists, the default one first.
///
/// # Errors
/// `Reauth` where the authorisation or the scope is gone, `Retryable` where Google is away.
pub async fn list_task_lists(
    endpoints: &GoogleEndpoints,
    lane: Lane,
    tokens: Arc<dyn TokenSource>,
) -> Result<Vec<TaskList>, Failure> {
    let api = Api::new(&endpoints.tasks, lane, tokens);
    let lists = all(&api).await?;
    Ok(lists
        .into_iter()
        .map(|list| TaskList {
            id: list.id,
            title: list.title,
        })
        .collect())
}

async fn all(api: &Api) -> Result<Vec<ListEntry>, Failure> {
    let mut lists = Vec::new();
    let query = [
        ("maxResults", "1000"),
        ("fields", "nextPageToken,items(id,title)"),
    ];
    let take = |page: ListsPage| {
        lists.extend(page.items);
        page.next_page_token
    };
    let path = ["users", "@me", "lists"];
    api.pages(&path, &query, PAGES_MAX, failure_of, take).await?;
    Ok(lists)
}

impl GoogleTasks {
    /// The id of the list that the settings mean; a list of our own is made where it is not there.
    pub(super) async fn list(&self) -> Result<String, Failure> {
        if let Some(list) = self.learnt(|learnt| learnt.list.clone()) {
            return Ok(list);
        }
        let id = match self.wanted.as_str() {
            DEFAULT => self.default_list().await?,
            DEDICATED => match one_titled(&all(&self.api).await?, DEDICATED_TITLE)? {
                Some(id) => id,
                None => self.make_list(DEDICATED_TITLE).await?,
            },
            wanted => {
                let lists = all(&self.api).await?;
                let named = lists
                    .iter()
                    .find(|list| list.id == wanted)
                    .map(|list| list.id.clone());
                match named {
                    Some(id) => id,
                    None => one_titled(&lists, wanted)?.ok_or_else(|| {
                        Failure::permanent(
                            "list_not_found",
                            "the task list named in the settings is not there any more; choose another one",
                        )
                    })?,
                }
            }
        };
        self.learn_list(&id);
        Ok(id)
    }

    pub(super) fn learn_list(&self, id: &str) {
        self.learnt(|learnt| learnt.list = Some(id.to_owned()));
    }

    /// The user's lists but this one.
    pub(super) async fn other_lists(&self, list: &str) -> Result<Vec<String>, Failure> {
        let lists = all(&self.api).await?;
        let others = lists.into_iter().map(|entry| entry.id).filter(|id| id != list);
        Ok(others.collect())
    }

    async fn default_list(&self) -> Result<String, Failure> {
        let answer = self
            .api
            .send(Call {
                method: Method::GET,
                path: &["users", "@me", "lists", DEFAULT],
                query: vec![("fields", "id,title".to_owned())],
                if_match: None,
                body: None,
            })
            .await?;
        match answer.status {
            200 => Ok(answer.json::<ListEntry>()?.id),
            _ => Err(failure_of(&answer)),
        }
    }

    /// Makes a list, once: where the answer is lost, the next run finds it by its title.
    async fn make_list(&self, title: &str) -> Result<String, Failure> {
        let sent = self
            .api
            .send_once(Call {
                method: Method::POST,
                path: &["users", "@me", "lists"],
                query: vec![("fields", "id,title".to_owned())],
                if_match: None,
                body: Some(json!({ "title": title })),
            })
            .await?;
        match sent {
            Sent::Answered(answer) if answer.is_success() => Ok(answer.json::<ListEntry>()?.id),
            Sent::Answered(answer) | Sent::Broken(answer) => Err(failure_of(&answer)),
            Sent::Lost(failure) => Err(failure),
        }
    }
}

/// The list of that title; several are refused, because nobody could say which one is meant.
fn one_titled(lists: &[ListEntry], title: &str) -> Result<Option<String>, Failure> {
    let mut found = lists.iter().filter(|list| list.title == title);
    let first = found.next().map(|list| list.id.clone());
    if found.next().is_some() {
        return Err(Failure::permanent(
            "list_ambiguous",
            format!("there are several task lists called {title}; rename all but one, or choose another one"),
        ));
    }
    Ok(first)
}
