//! Reading one user's records: whole, by what changed, and one at a time.
//!
//! A delta has two parts, both from the same watermark: the records that changed, and a walk along the deleted ones,
//! which the CRM cannot list but names in its refusal, one at a time.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{join_all, try_join, try_join_all};
use serde::{Deserialize, Serialize};
use sync_core::change::{Change, ChangeSet, Reading, Window};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId};
use sync_core::port::ReadRequest;

use super::door::Door;
use super::failure::SuiteFailure;
use super::shape::{Beside, Shape, Unreadable};
use super::site::Site;
use super::wire::{Attributes, Filter, ListQuery, Module, One, Page, Resource, date_text};
use crate::earliest::Earliest;

/// Records asked for at a time. A row costs the CRM up to a millisecond and 2 kB; with slow hosts and heavy hooks, a
/// page of this many still ends well before PHP's usual thirty seconds.
const PAGE_ROWS: usize = 200;
/// How far a watermark lies before the first answer of the reading that set it: times of change come rounded down to
/// the minute, and a slow save is seen up to a minute after the time it bears.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);
/// Deletions that are walked along, one call each; where there are more, a whole reading is quicker.
const DELETIONS_WALKED_MAX: usize = 1_000;
/// The shape of the cursor.
const CURSOR_SCHEMA: u32 = 2;

/// Where a reading resumes.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    schema: u32,
    /// By the CRM's clock: everything that changed before it has been read.
    watermark: DateTime<Utc>,
    site: Site,
    /// What hung on the records beside their attributes, as a stamp.
    #[serde(default)]
    beside: String,
}

impl<S: Shape> Door<S> {
    /// Reads what changed since the cursor, or everything inside the window.
    pub(super) async fn read_changes(&self, request: &ReadRequest) -> Result<ChangeSet<S::Record>, Failure> {
        let earliest = Earliest::default();
        let (changes, complete, former, beside) = match &request.cursor {
            None => {
                self.learn_fields(&earliest).await;
                let beside = self.shape.beside(&self.api, &earliest).await?;
                let changes = self.read_all(request.window, &beside, &earliest).await?;
                let complete = S::MODULES
                    .iter()
                    .map(|module| module.as_str().to_owned())
                    .collect();
                (changes, complete, None, beside)
            }
            Some(cursor) => {
                let position = self.resumed(cursor)?;
                let beside = self.shape.beside(&self.api, &earliest).await?;
                let changes = if beside.stamp == position.beside {
                    self.read_delta(position.watermark, &beside, &earliest).await?
                } else {
                    // Whatever hangs on the records says nothing of when it changed, and nor do they.
                    let window = request.window;
                    let (all, removed) = try_join(
                        self.read_all(window, &beside, &earliest),
                        self.read_removed(&date_text(position.watermark), &earliest),
                    )
                    .await?;
                    all.into_iter().chain(removed).collect()
                };
                (changes, BTreeSet::new(), Some(position.watermark), beside)
            }
        };
        // Without any date in the answers the old watermark stays: more is read again, nothing is passed over.
        let watermark = earliest
            .get()
            .and_then(|date| date.checked_sub_signed(OVERLAP))
            .or(former)
            .unwrap_or(DateTime::UNIX_EPOCH);
        let position = Position {
            schema: CURSOR_SCHEMA,
            watermark,
            site: self.site(),
            beside: beside.stamp,
        };
        let cursor = serde_json::to_string(&position)
            .map_err(|_| Failure::bug("cursor_unwritable", "the cursor cannot be written down"))?;
        Ok(ChangeSet {
            changes,
            complete,
            cursor: Cursor(cursor),
            time_zone: self.shape.zone().map(|zone| zone.name().to_owned()),
        })
    }

    /// Reads one record as it is now.
    pub(super) async fn read_one(&self, id: &RemoteId) -> Result<Reading<S::Record>, Failure> {
        let module = Self::module_of(id)?;
        match self.fetch(module, &id.id).await {
            Ok(resource) if self.is_mine(&resource.attributes) => {
                // A record that lost its date is neither changed nor deleted as far as the other side can tell.
                Ok(self
                    .shape
                    .observed(module, &resource, &self.api.base_url)
                    .map_or_else(
                        |cause| Reading::Unreadable {
                            code: cause.code(),
                            message: unreadable_message(module, cause),
                        },
                        Reading::Present,
                    ))
            }
            Ok(_) | Err(SuiteFailure::AccessDenied) => Ok(Reading::OutOfReach),
            Err(cause) if cause.says_gone(module.as_str(), &id.id) => Ok(Reading::Gone),
            Err(cause) => Err(cause.into()),
        }
    }

    fn resumed(&self, cursor: &Cursor) -> Result<Position, Failure> {
        match serde_json::from_str::<Position>(&cursor.0) {
            Ok(position) if position.schema == CURSOR_SCHEMA => {
                self.learn(|site| site.clone_from(&position.site));
                Ok(position)
            }
            Ok(_) | Err(_) => Err(Failure::new(
                Class::Resync,
                "cursor_unknown",
                "the cursor was written by another version",
            )),
        }
    }

    async fn read_all(
        &self,
        window: Window,
        beside: &Beside,
        earliest: &Earliest,
    ) -> Result<Vec<Change<S::Record>>, Failure> {
        let condition = self.shape.whole(window);
        self.read_rows(condition.as_ref(), Completeness::Whole, beside, earliest)
            .await
    }

    /// The records of all modules that answer the condition.
    async fn read_rows(
        &self,
        condition: Option<&Filter>,
        completeness: Completeness,
        beside: &Beside,
        earliest: &Earliest,
    ) -> Result<Vec<Change<S::Record>>, Failure> {
        let listed = S::MODULES.iter().map(|module| async move {
            let rows = self.rows(*module, condition, completeness, earliest).await?;
            Ok::<_, Failure>(self.present(*module, rows, beside))
        });
        Ok(try_join_all(listed).await?.concat())
    }

    /// The records of all modules that have been deleted.
    async fn read_removed(
        &self,
        since: &str,
        earliest: &Earliest,
    ) -> Result<Vec<Change<S::Record>>, Failure> {
        let walks = S::MODULES
            .iter()
            .map(|module| self.removed(*module, since, earliest));
        let removed = try_join_all(walks).await?.concat();
        Ok(removed.into_iter().map(Change::Removed).collect())
    }

    async fn read_delta(
        &self,
        since: DateTime<Utc>,
        beside: &Beside,
        earliest: &Earliest,
    ) -> Result<Vec<Change<S::Record>>, Failure> {
        let since = date_text(since);
        let condition = ("date_modified", "gte", since.clone());
        let (changed, removed) = try_join(
            self.read_rows(Some(&condition), Completeness::Delta, beside, earliest),
            self.read_removed(&since, earliest),
        )
        .await?;
        // Deletions last: nothing comes back under the id of a deleted record.
        Ok(changed.into_iter().chain(removed).collect())
    }

    /// What the rows say, without those that are somebody else's after all.
    fn present(&self, module: Module, rows: Vec<Resource>, beside: &Beside) -> Vec<Change<S::Record>> {
        let mine = rows.into_iter().filter(|row| self.is_mine(&row.attributes));
        mine.map(|mut row| {
            row.chosen = beside.chosen.contains(&row.id.to_ascii_lowercase());
            match self.shape.observed(module, &row, &self.api.base_url) {
                Ok(observed) => Change::Present(observed),
                Err(cause) => Change::Unreadable {
                    id: RemoteId::new(module.as_str(), &row.id),
                    code: cause.code(),
                    message: unreadable_message(module, cause),
                },
            }
        })
        .collect()
    }

    /// Lists the user's records in the order of ids.
    ///
    /// A whole listing goes on to an empty page, and sees on its way whether the site hands out less than it is
    /// asked for. A delta ends with a page that is not full, unless the site was seen to do so.
    async fn rows(
        &self,
        module: Module,
        condition: Option<&Filter>,
        completeness: Completeness,
        earliest: &Earliest,
    ) -> Result<Vec<Resource>, Failure> {
        let mut rows: Vec<Resource> = Vec::new();
        let mut seen = HashSet::new();
        let mut vanished = HashSet::new();
        let (mut after, mut before): (Option<String>, Option<String>) = (None, None);
        let mut last_was_short = false;
        loop {
            let path = |fields: Vec<String>| {
                let mut filters = vec![("assigned_user_id", "eq", self.link.user.clone())];
                filters.extend(condition.cloned());
                let (after, before) = (after.clone(), before.clone());
                ListQuery {
                    fields,
                    filters,
                    after,
                    before,
                    ..ListQuery::of(module.as_str(), PAGE_ROWS)
                }
                .path()
            };
            let page = self.get_known::<Page>(module, path, earliest).await;
            let page = match page {
                Ok(page) => page.data,
                // The list found a row and then could not load it, because it was deleted in between, and failed
                // altogether. So the rows before it are read, then those after it.
                Err(SuiteFailure::NotFound { module: named, id })
                    if named == module.as_str() && vanished.insert(id.to_ascii_lowercase()) =>
                {
                    before = Some(id);
                    continue;
                }
                Err(cause @ SuiteFailure::UnknownProperty { .. }) => return Err(self.shape.lacking(cause)),
                Err(cause) => return Err(cause.into()),
            };
            let count = page.len();
            let last = page.last().map(|row| row.id.clone());
            let known = rows.len();
            rows.extend(
                page.into_iter()
                    .filter(|row| seen.insert(row.id.to_ascii_lowercase())),
            );
            if let Some(gap) = before.take() {
                after = Some(gap);
                continue;
            }
            let Some(last) = last else { return Ok(rows) };
            if rows.len() == known {
                return Err(Failure::bug(
                    "list_stuck",
                    "the CRM shows the same page of records again and again",
                ));
            }
            if last_was_short {
                self.learn(|site| site.caps_pages = true);
            }
            last_was_short = count < PAGE_ROWS;
            if last_was_short && completeness == Completeness::Delta && !self.site().caps_pages {
                return Ok(rows);
            }
            after = Some(last);
        }
    }

    /// Walks along the user's deleted records of a module.
    ///
    /// A list of deleted records finds a row, fails to load it because it is deleted, and names it in the refusal.
    /// With one row a page, each call names the next; an empty list ends the walk.
    ///
    /// # Source
    /// Measured on 7.14.6 and 7.15.0; SuiteCRM issues 8631 and 10683, SuiteCRM-Core issue 661.
    async fn removed(
        &self,
        module: Module,
        since: &str,
        earliest: &Earliest,
    ) -> Result<Vec<RemoteId>, Failure> {
        let mut removed = Vec::new();
        let mut seen = HashSet::new();
        let mut query = ListQuery {
            fields: vec!["id".to_owned()],
            filters: vec![
                ("deleted", "eq", "1".to_owned()),
                ("date_modified", "gte", since.to_owned()),
                ("assigned_user_id", "eq", self.link.user.clone()),
            ],
            ..ListQuery::of(module.as_str(), 1)
        };
        while seen.len() < DELETIONS_WALKED_MAX {
            let id = match self.api.get_noting::<Page>(&query.path(), earliest).await {
                Err(SuiteFailure::NotFound { module: named, id }) if named == module.as_str() => {
                    removed.push(RemoteId::new(module.as_str(), &id));
                    id
                }
                // A site with the published fix lists its deleted records. One that merely ignored the filter would
                // list live ones, so each is looked at.
                Ok(page) => {
                    let Some(row) = page.data.into_iter().next_back() else {
                        return Ok(removed);
                    };
                    match self.fetch(module, &row.id).await {
                        Err(cause) if cause.says_gone(module.as_str(), &row.id) => {
                            removed.push(RemoteId::new(module.as_str(), &row.id));
                        }
                        Ok(_) | Err(SuiteFailure::AccessDenied) => {}
                        Err(cause) => return Err(cause.into()),
                    }
                    row.id
                }
                Err(cause) => return Err(cause.into()),
            };
            if !seen.insert(id.to_ascii_lowercase()) {
                return Err(Failure::bug(
                    "list_stuck",
                    "the CRM names the same deleted record again and again",
                ));
            }
            query.after = Some(id);
        }
        let message = "so many records were deleted that everything is read again";
        Err(Failure::new(Class::Resync, "many_deletions", message))
    }

    /// Asks the site for its fields and their lengths. Where it does not say, the usual ones hold.
    async fn learn_fields(&self, earliest: &Earliest) {
        let described = S::MODULES.iter().map(|module| self.described(*module, earliest));
        let described = join_all(described).await;
        self.learn(|site| site.learn(&described, self.shape.dispensable()));
    }

    async fn described(&self, module: Module, earliest: &Earliest) -> Attributes {
        match self
            .api
            .get_noting::<One>(&format!("meta/fields/{module}"), earliest)
            .await
        {
            Ok(one) => one.data.attributes,
            Err(cause) => {
                tracing::debug!(crm.module = module.as_str(), %cause, "the lengths of fields are not known");
                Attributes::default()
            }
        }
    }
}

/// How much of a module is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Completeness {
    /// All of it, so that absence says something.
    Whole,
    /// What changed.
    Delta,
}

fn unreadable_message(module: Module, cause: Unreadable) -> String {
    format!("The {} cannot be carried over: {cause}.", module.noun())
}
