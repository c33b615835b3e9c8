//! One call of the V8 API.

use connector_http::bearer::signed;
use connector_http::client::{Answer, HttpFailure};
use connector_http::lane::{Lane, Repeat, by_status};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sync_core::failure::Failure;
use url::Url;

use super::failure::SuiteFailure;
use super::login::{Login, NoSession, Session};
use super::wire::{first_json, is_html};
use crate::earliest::Earliest;

/// The API of one site, signed in.
#[derive(Debug)]
pub(crate) struct Api {
    /// The site's address, with a slash at its end.
    pub(crate) base_url: Url,
    /// Gives out sessions.
    pub(crate) login: Login,
    lane: Lane,
}

impl Api {
    pub(crate) fn new(base_url: Url, login: Login, lane: Lane) -> Self {
        Self {
            base_url,
            login,
            lane,
        }
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, SuiteFailure> {
        self.get_noting(path, &Earliest::default()).await
    }

    /// Reads something and notes the CRM's time, whatever the answer says.
    pub(crate) async fn get_noting<T: DeserializeOwned>(
        &self,
        path: &str,
        earliest: &Earliest,
    ) -> Result<T, SuiteFailure> {
        let answer = self.send(Method::GET, path, None, Repeat::Harmless).await?;
        earliest.note(answer.date());
        understood(&answer)
    }

    /// Writes something and reads the answer. `repeat` says whether an unanswered write is sent again blindly.
    pub(crate) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<T, SuiteFailure> {
        let answer = self.send(method, path, body, repeat).await?;
        understood(&answer)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Answer, SuiteFailure> {
        let session = self.login.session().await.map_err(no_session)?;
        let answer = self
            .lane
            .call(self.request(&session, &method, path, body)?, repeat, by_status)
            .await;
        let answer = answer.map_err(no_answer)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        // A refused call was not carried out, so any call may be sent again under a new token.
        let session = self.login.replace(&session).await.map_err(no_session)?;
        self.lane
            .call(self.request(&session, &method, path, body)?, repeat, by_status)
            .await
            .map_err(no_answer)
    }

    fn request(
        &self,
        session: &Session,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<http::Request<Vec<u8>>, SuiteFailure> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{}V8/{path}", self.base_url, session.place))
            .header(http::header::ACCEPT, "application/vnd.api+json, application/json");
        let request = match body {
            // Any other type is answered with 400, "required option data is missing".
            Some(body) => request
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(body.to_string().into_bytes()),
            None => request.body(Vec::new()),
        };
        let request = request.map_err(|_| {
            no_answer(HttpFailure::Other(
                "the request to the CRM could not be put together",
            ))
        })?;
        signed(request, &session.token).map_err(no_answer)
    }
}

fn understood<T: DeserializeOwned>(answer: &Answer) -> Result<T, SuiteFailure> {
    if !answer.is_success() {
        return Err(SuiteFailure::of(
            answer.status,
            &answer.body,
            answer.retry_after(),
        ));
    }
    match first_json(&answer.body) {
        Some(value) => Ok(value),
        None if is_html(&answer.body) => Err(SuiteFailure::Page {
            status: answer.status,
        }),
        None => Err(SuiteFailure::Unintelligible),
    }
}

fn no_session(cause: NoSession) -> SuiteFailure {
    SuiteFailure::Below {
        failure: cause.into(),
        outcome_unknown: false,
    }
}

fn no_answer(cause: HttpFailure) -> SuiteFailure {
    SuiteFailure::Below {
        outcome_unknown: cause.outcome_unknown(),
        failure: Failure::from(cause),
    }
}
