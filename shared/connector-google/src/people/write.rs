//! Create, update, delete. Why each may be sent twice, or is sent once, is said at each.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::FutureExt;
use sync_core::change::Observed;
use sync_core::failure::{Class, Failure};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::{Create, Created, Update};

use super::GooglePeople;
use super::compose::Fields;
use super::convert::{says, version_of};
use super::failure::{changed, gone};
use super::wire::Person;

/// A contact to make.
pub(super) type Creation = Create<ContactRecord>;
/// What became of it, and whether it was there already.
pub(super) type Made = (Person, bool);
/// A contact to change.
pub(super) type Change = Update<ContactRecord>;
/// What became of it.
pub(super) type Changed = Person;

/// A contact to delete, and what it must still say.
#[derive(Debug)]
pub(super) struct Deletion {
    id: RemoteId,
    expected: Version,
}

impl GooglePeople {
    /// Makes a copy. It is sent once; where its outcome is unknown, our mark is looked for.
    pub(super) async fn make(&self, create: &Creation) -> Result<Created<ContactRecord>, Failure> {
        let queue = &self.turns.creations;
        let work = |jobs| self.make_all(jobs).boxed();
        let (person, adopted) = self.turns.take(queue, create.clone(), work).await?;
        Ok(Created {
            observed: self.seen(&person, None),
            generation: create.generation,
            adopted,
        })
    }

    async fn make_all(&self, jobs: Vec<Creation>) -> Vec<Result<Made, Failure>> {
        if jobs.iter().any(|job| job.record.labelled)
            && let Err(failure) = self.need_label().await
        {
            return jobs.iter().map(|_| Err(failure.clone())).collect();
        }
        if let [only] = jobs.as_slice() {
            return vec![self.create_one(only).await];
        }
        match self.create_many(&jobs).await {
            Ok(made) => made,
            // One of them is not taken, and then none is: each for itself shows which.
            Err(failure) if is_about_one(&failure) => {
                let mut made = Vec::with_capacity(jobs.len());
                for job in &jobs {
                    made.push(self.create_one(job).await);
                }
                made
            }
            Err(failure) => jobs.iter().map(|_| Err(failure.clone())).collect(),
        }
    }

    /// Writes the named fields, provided that the contact still says what we saw. A repeat is harmless: the first one
    /// that went through has changed the etag, and the second is refused as a conflict.
    pub(super) async fn change(&self, update: &Change) -> Result<Observed<ContactRecord>, Failure> {
        let queue = &self.turns.changes;
        let work = |jobs| self.change_all(jobs).boxed();
        let person = self.turns.take(queue, update.clone(), work).await?;
        // What was renamed by the very change is told by its new name, and the former one with it.
        Ok(self.seen(&person, Some(&update.id)))
    }

    async fn change_all(&self, jobs: Vec<Change>) -> Vec<Result<Changed, Failure>> {
        let labels = |job: &Change| job.fields.contains(&ContactField::Labelled) && job.record.labelled;
        if jobs.iter().any(labels)
            && let Err(failure) = self.need_label().await
        {
            return jobs.iter().map(|_| Err(failure.clone())).collect();
        }
        let ids: Vec<RemoteId> = jobs.iter().map(|job| job.id.clone()).collect();
        let there = match self.expected(&ids, jobs.iter().map(|job| &job.expected)).await {
            Ok(there) => there,
            Err(failure) => return jobs.iter().map(|_| Err(failure.clone())).collect(),
        };
        let mut answers: BTreeMap<usize, Result<Changed, Failure>> = BTreeMap::new();
        let mut writes: Vec<(usize, Person, Fields)> = Vec::new();
        let named = one_mask(&jobs);
        let mut taken: BTreeSet<&RemoteId> = BTreeSet::new();
        for (at, (job, there)) in jobs.iter().zip(there).enumerate() {
            match there {
                Err(failure) => drop(answers.insert(at, Err(failure))),
                // One call holds a contact once, and the second change of it has not seen the first.
                Ok(_) if !taken.insert(&job.id) => drop(answers.insert(at, Err(changed()))),
                Ok(person) => {
                    let mut fields = self.fields(&person, &job.record, &job.fields);
                    if fields.is_empty() {
                        answers.insert(at, Ok(person));
                        continue;
                    }
                    // In one call there is one mask for all: what a contact does not change is sent as it is.
                    let rest = self.fields(&person, &self.record(&person), &named);
                    for (name, values) in rest {
                        fields.entry(name).or_insert(values);
                    }
                    writes.push((at, person, fields));
                }
            }
        }
        if writes.len() > 1 {
            match self.update_many(&writes).await {
                Ok(changed) => {
                    let places: Vec<usize> = writes.iter().map(|(at, _, _)| *at).collect();
                    answers.extend(places.into_iter().zip(changed));
                    writes.clear();
                }
                Err(failure) if is_about_one(&failure) => {}
                Err(failure) => {
                    answers.extend(writes.drain(..).map(|(at, _, _)| (at, Err(failure.clone()))));
                }
            }
        }
        for (at, there, fields) in writes {
            let own: BTreeSet<&str> = jobs
                .get(at)
                .map(|job| {
                    self.fields(&there, &job.record, &job.fields)
                        .into_keys()
                        .collect()
                })
                .unwrap_or_default();
            let fields: Fields = fields
                .into_iter()
                .filter(|(name, _)| own.contains(name))
                .collect();
            let answer = self.update_one(&there, &fields).await;
            answers.insert(at, answer);
        }
        let mut settled = Vec::with_capacity(jobs.len());
        for (at, job) in jobs.iter().enumerate() {
            let answer = match answers.remove(&at) {
                Some(Ok(person)) => self.confirmed(person, &job.record, &job.fields).await,
                Some(Err(failure)) => Err(failure),
                None => Err(Failure::bug("no_answer", "a write was not answered")),
            };
            settled.push(answer);
        }
        settled
    }

    /// Deletes a contact, provided that it still says what we saw. A repeat is harmless: it meets a contact that is gone.
    pub(super) async fn remove(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        let queue = &self.turns.deletions;
        let work = |jobs| self.remove_all(jobs).boxed();
        let job = Deletion {
            id: id.clone(),
            expected: expected.clone(),
        };
        self.turns.take(queue, job, work).await
    }

    async fn remove_all(&self, jobs: Vec<Deletion>) -> Vec<Result<bool, Failure>> {
        let ids: Vec<RemoteId> = jobs.iter().map(|job| job.id.clone()).collect();
        let there = match self.expected(&ids, jobs.iter().map(|job| &job.expected)).await {
            Ok(there) => there,
            Err(failure) => return jobs.iter().map(|_| Err(failure.clone())).collect(),
        };
        let mut answers: Vec<Result<bool, Failure>> = Vec::with_capacity(jobs.len());
        let mut doomed: Vec<(usize, Person)> = Vec::new();
        for (at, there) in there.into_iter().enumerate() {
            answers.push(match there {
                Ok(person) => {
                    doomed.push((at, person));
                    Ok(true)
                }
                Err(failure) if failure.code == "gone" => Ok(false),
                Err(failure) => Err(failure),
            });
        }
        let together = match doomed.as_slice() {
            [] | [_] => None,
            many => Some(self.delete_many(many.iter().map(|(_, person)| person)).await),
        };
        match together {
            Some(Ok(())) => {}
            Some(Err(failure)) if !is_about_one(&failure) => {
                for (at, _) in &doomed {
                    answers.splice(*at..=*at, [Err(failure.clone())]);
                }
            }
            Some(Err(_)) | None => {
                for (at, person) in &doomed {
                    let answer = self.delete_one(person).await;
                    answers.splice(*at..=*at, [answer]);
                }
            }
        }
        answers
    }

    /// The contacts as they are, provided that each still says what we saw.
    async fn expected<'a>(
        &self,
        ids: &[RemoteId],
        expected: impl Iterator<Item = &'a Version>,
    ) -> Result<Vec<Result<Person, Failure>>, Failure> {
        self.know_label().await?;
        let there = self.get_many(ids).await?;
        let checked = there.into_iter().zip(expected).map(|(there, expected)| {
            let person = there.ok_or_else(gone)?;
            if version_of(&self.record(&person)) == *expected {
                Ok(person)
            } else {
                Err(changed())
            }
        });
        Ok(checked.collect())
    }

    /// The contact as it is after a write. An answer that does not show what was written may be from before it: then a
    /// single read tells.
    pub(super) async fn confirmed(
        &self,
        person: Person,
        wanted: &ContactRecord,
        fields: &[ContactField],
    ) -> Result<Person, Failure> {
        if says(&self.record(&person), wanted, fields) {
            return Ok(person);
        }
        let id = RemoteId::new(super::COLLECTION, person.id());
        self.get(&id).await?.ok_or_else(gone)
    }
}

/// Every field that one of the changes names, so that one mask holds for all.
fn one_mask(jobs: &[Change]) -> Vec<ContactField> {
    let named: BTreeSet<ContactField> = jobs.iter().flat_map(|job| &job.fields).copied().collect();
    named.into_iter().collect()
}

/// Whether a failure of many together is the fault of one of them.
fn is_about_one(failure: &Failure) -> bool {
    match failure.class {
        Class::Permanent | Class::Conflict => true,
        Class::Retryable { .. } | Class::Reauth | Class::Resync | Class::Bug => false,
    }
}
