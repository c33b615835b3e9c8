//! Sync token, lists, contacts by name.

use std::collections::BTreeSet;

use futures::future::FutureExt;
use futures::stream::{StreamExt, TryStreamExt};
use http::Method;
use sync_core::change::{Change, ChangeSet};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::ReadRequest;

use super::cursor::Mark;
use super::failure::failure_of;
use super::wire::{Batch, PERSON_FIELDS, Page, Person, SOURCE, id_of};
use super::{COLLECTION, GooglePeople, PEOPLE_CONCURRENCY};
use crate::api::Call;

/// Contacts on a page: Google's largest.
const PAGE_CONTACTS: &str = "1000";
/// Most pages of one list; an account has some 25,000 contacts at most.
const PAGES_MAX: usize = 200;
/// Contacts read by name in one call. Google takes 200; their names would make an address of 9,000 characters.
const CONTACTS_A_READ: usize = 100;

/// What a list brought.
enum Listing {
    People {
        people: Vec<Person>,
        token: Option<String>,
    },
    /// Google no longer takes the sync token.
    TokenRefused,
}

impl GooglePeople {
    pub(super) async fn read_changes(
        &self,
        request: &ReadRequest,
    ) -> Result<ChangeSet<ContactRecord>, Failure> {
        let slots = self.slots();
        let mark = Mark::read(request.cursor.as_ref(), self.label.as_deref(), &slots);
        let known = match &mark {
            Some(mark) => mark.group.clone(),
            None => self.stood_under().map(str::to_owned),
        };
        let delta = match &mark {
            Some(mark) => self.list(Some(&mark.token)).await?,
            None => Listing::TokenRefused,
        };
        let (people, token, whole) = match delta {
            Listing::People { people, token } => (people, token, false),
            Listing::TokenRefused => match self.list(None).await? {
                Listing::People { people, token } => (people, token, true),
                Listing::TokenRefused => {
                    return Err(Failure::bug(
                        "answer_unexpected",
                        "Google refuses a token that was not sent",
                    ));
                }
            },
        };
        if people.is_empty() && !whole {
            self.learn_group(known.clone());
        } else {
            let copies = whole
                && people
                    .iter()
                    .any(|person| self.marker.made_from(&person.client_data).is_some());
            self.find_label(known.as_deref(), copies).await?;
        }
        let changes = self.to_changes(people).await?;
        // Without a token nothing can be asked for but the whole list.
        let mark = Mark::new(
            self.label.as_deref(),
            slots,
            self.group(),
            token.unwrap_or_default(),
        );
        Ok(ChangeSet {
            changes,
            complete: if whole {
                BTreeSet::from([COLLECTION.to_owned()])
            } else {
                BTreeSet::new()
            },
            cursor: mark.to_cursor(),
            time_zone: None,
        })
    }

    /// Reads all pages of a list. The token for the next one is on the last page only, and only where it is asked for.
    async fn list(&self, token: Option<&str>) -> Result<Listing, Failure> {
        let token = token.filter(|token| !token.is_empty());
        let (mut people, mut page_token): (Vec<Person>, Option<String>) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            // The same parameters each time: with others, tokens are refused.
            let mut query = vec![
                ("personFields", PERSON_FIELDS.to_owned()),
                ("pageSize", PAGE_CONTACTS.to_owned()),
                ("requestSyncToken", "true".to_owned()),
                ("sources", SOURCE.to_owned()),
            ];
            query.extend(token.map(|token| ("syncToken", token.to_owned())));
            query.extend(page_token.take().map(|token| ("pageToken", token)));
            let answer = self
                .api
                .send(Call {
                    method: Method::GET,
                    path: &["people", "me", "connections"],
                    query,
                    if_match: None,
                    body: None,
                })
                .await?;
            match answer.status {
                200 => {}
                // Too old, or made with other parameters: in any case a whole list is due.
                400 | 410 if token.is_some() => return Ok(Listing::TokenRefused),
                _ => return Err(failure_of(&answer)),
            }
            let page: Page = answer.json()?;
            people.extend(page.connections);
            page_token = page.next_page_token;
            if page_token.is_none() {
                return Ok(Listing::People {
                    people,
                    token: page.next_sync_token,
                });
            }
        }
        Err(Failure::bug(
            "list_endless",
            "Google's list of contacts does not end",
        ))
    }

    /// What a list says of deletions is taken from it; everything else is read again, because lists lag.
    async fn to_changes(&self, people: Vec<Person>) -> Result<Vec<Change<ContactRecord>>, Failure> {
        let mut changes = Vec::with_capacity(people.len());
        let mut named: Vec<Person> = Vec::new();
        for person in people {
            if person.metadata.deleted {
                changes.push(Change::Removed(RemoteId::new(COLLECTION, person.id())));
            } else {
                named.push(person);
            }
        }
        let ids: Vec<RemoteId> = named
            .iter()
            .map(|person| RemoteId::new(COLLECTION, person.id()))
            .collect();
        let fresh = self.get_many(&ids).await?;
        for ((listed, id), fresh) in named.into_iter().zip(ids).zip(fresh) {
            changes.push(match fresh {
                None => Change::Removed(id),
                Some(mut person) => {
                    // Told by lists only.
                    person.metadata.previous_resource_names = listed.metadata.previous_resource_names;
                    Change::Present(self.seen(&person, Some(&id)))
                }
            });
        }
        Ok(changes)
    }

    /// Reads one contact as Google has it.
    pub(super) async fn get(&self, id: &RemoteId) -> Result<Option<Person>, Failure> {
        let answer = self
            .api
            .send(Call {
                method: Method::GET,
                path: &["people", &id.id],
                query: vec![
                    ("personFields", PERSON_FIELDS.to_owned()),
                    ("sources", SOURCE.to_owned()),
                ],
                if_match: None,
                body: None,
            })
            .await?;
        match answer.status {
            200 => Ok(Some(answer.json::<Person>()?).filter(|person| !person.metadata.deleted)),
            404 | 410 => Ok(None),
            _ => Err(failure_of(&answer)),
        }
    }

    /// Reads contacts by name, in the order of the names; `None` for those that are gone.
    pub(super) async fn get_many(&self, ids: &[RemoteId]) -> Result<Vec<Option<Person>>, Failure> {
        let reads: Vec<_> = ids
            .chunks(CONTACTS_A_READ)
            .map(|ids| self.get_some(ids).boxed())
            .collect();
        let read: Vec<Vec<Option<Person>>> = futures::stream::iter(reads)
            .buffered(PEOPLE_CONCURRENCY)
            .try_collect()
            .await?;
        Ok(read.into_iter().flatten().collect())
    }

    async fn get_some(&self, ids: &[RemoteId]) -> Result<Vec<Option<Person>>, Failure> {
        if let [only] = ids {
            return Ok(vec![self.get(only).await?]);
        }
        let mut query = vec![
            ("personFields", PERSON_FIELDS.to_owned()),
            ("sources", SOURCE.to_owned()),
        ];
        query.extend(
            ids.iter()
                .map(|id| ("resourceNames", format!("people/{}", id.id))),
        );
        let answer = self
            .api
            .send(Call {
                method: Method::GET,
                path: &["people:batchGet"],
                query,
                if_match: None,
                body: None,
            })
            .await?;
        if answer.status != 200 {
            return Err(failure_of(&answer));
        }
        let batch: Batch = answer.json()?;
        let mut read = batch.responses;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let at = read
                .iter()
                .position(|response| id_of(&response.requested_resource_name) == id.id)
                .ok_or_else(|| {
                    Failure::bug(
                        "answer_unexpected",
                        "Google does not answer for a contact that was asked for",
                    )
                })?;
            found.push(
                read.swap_remove(at)
                    .person
                    .filter(|person| !person.metadata.deleted),
            );
        }
        Ok(found)
    }

    /// The slots that values are dealt out to, as one text.
    fn slots(&self) -> String {
        let slots = self.crm_fields.iter().filter(|field| field.family().is_some());
        slots
            .map(|field| ContactField::name(*field))
            .collect::<Vec<_>>()
            .join(",")
    }
}
