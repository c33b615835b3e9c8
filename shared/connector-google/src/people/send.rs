//! The calls that writes make, one contact or many.

use http::Method;
use serde_json::{Map, Value, json};
use sync_core::failure::Failure;
use sync_core::kind::Record;
use sync_core::kind::contact::{ContactField, ContactRecord};

use super::GooglePeople;
use super::compose::{Fields, body};
use super::failure::{PROPAGATION, failure_of};
use super::wire::{Batch, PERSON_FIELDS, Page, Person, SOURCE, id_of};
use super::write::{Creation, Made};
use crate::api::{Call, Sent};

impl GooglePeople {
    pub(super) async fn create_one(&self, job: &Creation) -> Result<Made, Failure> {
        let sent = self
            .api
            .send_once(Call {
                method: Method::POST,
                path: &["people:createContact"],
                query: shown(),
                if_match: None,
                body: Some(self.new_person(job)),
            })
            .await?;
        let lost = match sent {
            Sent::Answered(answer) if answer.is_success() => match answer.json::<Person>() {
                Ok(person) => {
                    return self
                        .confirmed_new(person, job)
                        .await
                        .map(|person| (person, false));
                }
                // Half an answer: it was made.
                Err(failure) => Failure::from(failure),
            },
            Sent::Answered(answer) => return Err(failure_of(&answer)),
            Sent::Broken(answer) => failure_of(&answer),
            Sent::Lost(failure) => failure,
        };
        let mut found = self.find_copies(&[job], &lost).await?;
        found.pop().unwrap_or(Err(lost))
    }

    /// `Err` where nothing was made; otherwise an answer for each.
    pub(super) async fn create_many(&self, jobs: &[Creation]) -> Result<Vec<Result<Made, Failure>>, Failure> {
        let contacts: Vec<Value> = jobs
            .iter()
            .map(|job| json!({ "contactPerson": self.new_person(job) }))
            .collect();
        let sent = self
            .api
            .send_once(Call {
                method: Method::POST,
                path: &["people:batchCreateContacts"],
                query: Vec::new(),
                if_match: None,
                body: Some(json!({ "contacts": contacts, "readMask": PERSON_FIELDS, "sources": [SOURCE] })),
            })
            .await?;
        let all: Vec<&Creation> = jobs.iter().collect();
        let lost = match sent {
            Sent::Answered(answer) if answer.is_success() => match answer.json::<Batch>() {
                Ok(batch) => return self.created(jobs, batch).await,
                Err(failure) => Failure::from(failure),
            },
            Sent::Answered(answer) => return Err(failure_of(&answer)),
            Sent::Broken(answer) => failure_of(&answer),
            Sent::Lost(failure) => failure,
        };
        self.find_copies(&all, &lost).await
    }

    /// Which contact of an answer belongs to which creation is told by our mark: the order is not promised.
    async fn created(&self, jobs: &[Creation], batch: Batch) -> Result<Vec<Result<Made, Failure>>, Failure> {
        let mut people: Vec<Person> = batch
            .created_people
            .into_iter()
            .filter_map(|response| response.person)
            .collect();
        let mut made = Vec::with_capacity(jobs.len());
        for job in jobs {
            let at = people.iter().position(|person| {
                self.marker
                    .is_copy(&person.client_data, &job.origin, job.generation)
            });
            made.push(match at {
                Some(at) => {
                    let person = people.swap_remove(at);
                    self.confirmed_new(person, job)
                        .await
                        .map(|person| (person, false))
                }
                None => Err(Failure::retryable(
                    "answer_unreadable",
                    "Google does not say what became of a new contact",
                    Some(PROPAGATION),
                )),
            });
        }
        Ok(made)
    }

    async fn confirmed_new(&self, person: Person, job: &Creation) -> Result<Person, Failure> {
        let fields: Vec<ContactField> = ContactRecord::FIELDS
            .iter()
            .copied()
            .filter(|field| self.crm_fields.contains(field) && *field != ContactField::Labelled)
            .collect();
        self.confirmed(person, &job.record, &fields).await
    }

    /// Looks whether creations without an answer were carried out, among the contacts that were changed last.
    async fn find_copies(
        &self,
        jobs: &[&Creation],
        lost: &Failure,
    ) -> Result<Vec<Result<Made, Failure>>, Failure> {
        let answer = self
            .api
            .send(Call {
                method: Method::GET,
                path: &["people", "me", "connections"],
                query: vec![
                    ("personFields", PERSON_FIELDS.to_owned()),
                    ("pageSize", "1000".to_owned()),
                    ("sources", SOURCE.to_owned()),
                    ("sortOrder", "LAST_MODIFIED_DESCENDING".to_owned()),
                ],
                if_match: None,
                body: None,
            })
            .await?;
        if answer.status != 200 {
            return Err(failure_of(&answer));
        }
        let page: Page = answer.json()?;
        let copy_of = |job: &Creation| {
            let is_copy = |person: &&Person| {
                self.marker
                    .is_copy(&person.client_data, &job.origin, job.generation)
            };
            page.connections.iter().find(is_copy).cloned()
        };
        Ok(jobs
            .iter()
            .map(|job| match copy_of(job) {
                Some(person) => Ok((person, true)),
                // Lists lag: it may be there and not be seen yet. Who waits finds it, and makes no second one.
                None => Err(Failure::retryable(
                    "connection_cut",
                    lost.message.clone(),
                    Some(PROPAGATION),
                )),
            })
            .collect())
    }

    pub(super) async fn update_one(&self, there: &Person, fields: &Fields) -> Result<Person, Failure> {
        let mut query = vec![("updatePersonFields", mask(fields))];
        query.extend(shown());
        let method = format!("{}:updateContact", there.id());
        let answer = self
            .api
            .send(Call {
                method: Method::PATCH,
                path: &["people", &method],
                query,
                if_match: None,
                body: Some(body(there, fields)),
            })
            .await?;
        match answer.status {
            200..=299 => Ok(answer.json()?),
            404 | 410 => Err(super::failure::gone()),
            _ => Err(failure_of(&answer)),
        }
    }

    /// `Err` where nothing was written; otherwise an answer for each.
    pub(super) async fn update_many(
        &self,
        writes: &[(usize, Person, Fields)],
    ) -> Result<Vec<Result<Person, Failure>>, Failure> {
        let Some((_, _, fields)) = writes.first() else {
            return Ok(Vec::new());
        };
        let contacts: Map<String, Value> = writes
            .iter()
            .map(|(_, there, fields)| (there.resource_name.clone(), body(there, fields)))
            .collect();
        let answer = self
            .api
            .send(Call {
                method: Method::POST,
                path: &["people:batchUpdateContacts"],
                query: Vec::new(),
                if_match: None,
                body: Some(json!({
                    "contacts": contacts, "updateMask": mask(fields), "readMask": PERSON_FIELDS, "sources": [SOURCE],
                })),
            })
            .await?;
        if !answer.is_success() {
            return Err(failure_of(&answer));
        }
        let mut batch: Batch = answer.json()?;
        Ok(writes
            .iter()
            .map(|(_, there, _)| {
                let response = batch.update_result.remove(&there.resource_name);
                response.and_then(|response| response.person).ok_or_else(|| {
                    Failure::retryable(
                        "answer_unreadable",
                        "Google does not say what became of a changed contact",
                        None,
                    )
                })
            })
            .collect())
    }

    pub(super) async fn delete_one(&self, person: &Person) -> Result<bool, Failure> {
        let method = format!("{}:deleteContact", person.id());
        let answer = self
            .api
            .send(Call {
                method: Method::DELETE,
                path: &["people", &method],
                query: Vec::new(),
                if_match: None,
                body: None,
            })
            .await?;
        match answer.status {
            200..=299 => emptied(&answer).map(|()| true),
            404 | 410 => Ok(false),
            _ => Err(failure_of(&answer)),
        }
    }

    pub(super) async fn delete_many(&self, people: impl Iterator<Item = &Person>) -> Result<(), Failure> {
        let names: Vec<String> = people
            .map(|person| format!("people/{}", id_of(&person.resource_name)))
            .collect();
        let answer = self
            .api
            .send(Call {
                method: Method::POST,
                path: &["people:batchDeleteContacts"],
                query: Vec::new(),
                if_match: None,
                body: Some(json!({ "resourceNames": names })),
            })
            .await?;
        match answer.status {
            200..=299 => emptied(&answer),
            _ => Err(failure_of(&answer)),
        }
    }

    fn new_person(&self, job: &Creation) -> Value {
        let mut person = Map::new();
        for (name, values) in self.new_fields(&job.record) {
            person.insert(name.to_owned(), json!(values));
        }
        person.insert(
            "clientData".to_owned(),
            self.marker.data(&job.origin, job.generation),
        );
        Value::Object(person)
    }
}

/// What of a written contact is answered: the same as is read.
fn shown() -> Vec<(&'static str, String)> {
    vec![
        ("personFields", PERSON_FIELDS.to_owned()),
        ("sources", SOURCE.to_owned()),
    ]
}

fn mask(fields: &Fields) -> String {
    fields.keys().copied().collect::<Vec<_>>().join(",")
}

/// Google answers a deletion with an empty object. A page with a good status comes from something on the way.
fn emptied(answer: &connector_http::client::Answer) -> Result<(), Failure> {
    match answer.json::<Map<String, Value>>() {
        Ok(body) if body.is_empty() => Ok(()),
        Ok(_) | Err(_) => Err(Failure::retryable(
            "answer_unreadable",
            "the answer to a deletion is not Google's",
            None,
        )),
    }
}
