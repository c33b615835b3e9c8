//! One call of the web service.

use connector_http::client::{Answer, HttpFailure};
use connector_http::lane::{Lane, Repeat, by_status};
use secrecy::ExposeSecret;
use serde_json::Value;
use sync_core::failure::Failure;
use url::Url;

use super::failure::VtigerFailure;
use super::login::{Login, NoSession, Session};
use super::wire::{Module, Query, Row};
use crate::earliest::Earliest;

/// A longer answer is no refusal, and need not be read twice.
const REFUSAL_BYTES_MAX: usize = 16 * 1024;

/// The web service of one site, signed in.
#[derive(Debug)]
pub(crate) struct Api {
    /// The site's address, with a slash at its end.
    pub(crate) base_url: Url,
    /// Gives out sessions.
    pub(crate) login: Login,
    service: Url,
    lane: Lane,
}

/// How an operation is asked for; the wrong way looks like a missing parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Get,
    /// Never repeated blindly.
    Post,
}

/// What a write answered.
#[derive(Debug)]
pub(crate) struct Written {
    /// The record as the CRM holds it.
    pub(crate) row: Row,
    /// The CRM's time when it answered.
    pub(crate) at: Option<chrono::DateTime<chrono::Utc>>,
}

impl Api {
    pub(crate) fn new(base_url: Url, service: Url, login: Login, lane: Lane) -> Self {
        Self {
            base_url,
            login,
            service,
            lane,
        }
    }

    /// Asks for rows.
    pub(crate) async fn query(&self, query: &Query) -> Result<Vec<Row>, VtigerFailure> {
        self.query_noting(query, &Earliest::default()).await
    }

    /// Asks for rows and notes the CRM's time, whatever the answer says.
    pub(crate) async fn query_noting(
        &self,
        query: &Query,
        earliest: &Earliest,
    ) -> Result<Vec<Row>, VtigerFailure> {
        let text = query.text();
        let answer = self.send(Way::Get, "query", &[("query", &text)]).await?;
        earliest.note(answer.date());
        let result = VtigerFailure::understood(&answer)?;
        serde_json::from_value(result).map_err(|_| VtigerFailure::Unintelligible)
    }

    /// Asks for one record by another way than a query: a failure inside a query looks like an empty answer.
    pub(crate) async fn retrieve(&self, id: super::wire::WireId) -> Result<Row, VtigerFailure> {
        let id = id.to_string();
        let answer = self.send(Way::Get, "retrieve", &[("id", &id)]).await?;
        one(&answer)
    }

    /// Makes sure that queries are answered and that nothing is hidden from the API user.
    ///
    /// # Errors
    /// `Retryable` where either is not so.
    pub(crate) async fn assert_sees_everything(&self) -> Result<(), Failure> {
        let user = self.session().await?.user;
        let myself = self
            .query(&Query::select("id", Module::Users).with_id(user))
            .await;
        match myself {
            Ok(rows) if rows.iter().any(|row| row.id("id") == Some(user)) => Ok(()),
            Ok(_) | Err(VtigerFailure::Denied) => Err(Failure::retryable(
                "not_administrator",
                "the access key's user is no administrator of the CRM, so deleted records cannot be told from \
                 forbidden ones",
                None,
            )),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Asks what a module is made of.
    pub(crate) async fn describe(&self, module: Module) -> Result<Value, VtigerFailure> {
        let answer = self
            .send(Way::Get, "describe", &[("elementType", module.as_str())])
            .await?;
        VtigerFailure::understood(&answer)
    }

    /// Makes or changes a record. An unanswered one is never sent again blindly.
    pub(crate) async fn write(
        &self,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Written, VtigerFailure> {
        let answer = self.send(Way::Post, operation, parameters).await?;
        Ok(Written {
            row: one(&answer)?,
            at: answer.date(),
        })
    }

    /// Deletes a record.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), VtigerFailure> {
        let answer = self.send(Way::Post, "delete", &[("id", id)]).await?;
        VtigerFailure::understood(&answer).map(drop)
    }

    /// The session in use.
    pub(crate) async fn session(&self) -> Result<Session, VtigerFailure> {
        self.login.session().await.map_err(no_session)
    }

    async fn send(
        &self,
        way: Way,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, VtigerFailure> {
        let session = self.session().await?;
        let answer = self.send_in(&session, way, operation, parameters).await?;
        let lapsed = answer.body.len() <= REFUSAL_BYTES_MAX
            && VtigerFailure::understood(&answer) == Err(VtigerFailure::SessionLapsed);
        if !lapsed {
            return Ok(answer);
        }
        // What was refused for want of a session was not carried out, so any call may be sent again in another.
        let session = self.login.replace(&session).await.map_err(no_session)?;
        self.send_in(&session, way, operation, parameters).await
    }

    async fn send_in(
        &self,
        session: &Session,
        way: Way,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, VtigerFailure> {
        let pairs = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("operation", operation)
            .append_pair("sessionName", session.name.expose_secret())
            .extend_pairs(parameters)
            .finish();
        let request = match way {
            Way::Get => http::Request::get(format!("{}?{pairs}", self.service))
                .header(http::header::ACCEPT, "application/json")
                .body(Vec::new()),
            Way::Post => http::Request::post(self.service.as_str())
                .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(http::header::ACCEPT, "application/json")
                .body(pairs.into_bytes()),
        };
        let request = request.map_err(|_| {
            no_answer(HttpFailure::Other(
                "the request to the CRM could not be put together",
            ))
        })?;
        let repeat = match way {
            Way::Get => Repeat::Harmless,
            Way::Post => Repeat::Never,
        };
        self.lane
            .call(request, repeat, by_status)
            .await
            .map_err(no_answer)
    }
}

fn one(answer: &Answer) -> Result<Row, VtigerFailure> {
    match serde_json::from_value::<Row>(VtigerFailure::understood(answer)?) {
        Ok(row) if row.id("id").is_some() => Ok(row),
        Ok(_) | Err(_) => Err(VtigerFailure::Unintelligible),
    }
}

fn no_session(cause: NoSession) -> VtigerFailure {
    VtigerFailure::Below {
        failure: cause.into(),
        outcome_unknown: false,
    }
}

fn no_answer(cause: HttpFailure) -> VtigerFailure {
    VtigerFailure::Below {
        outcome_unknown: cause.outcome_unknown(),
        failure: Failure::from(cause),
    }
}
