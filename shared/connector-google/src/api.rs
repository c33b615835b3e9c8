//! Requests to one of Google's APIs, under the user's token.

use std::sync::Arc;

use connector_http::bearer::{BearerFailure, call_with_token};
use connector_http::client::Answer;
use connector_http::lane::{Lane, Repeat};
use connector_http::token::TokenSource;
use http::Method;
use serde::de::DeserializeOwned;
use sync_core::failure::Failure;
use url::Url;

use crate::reason::verdict;

/// One API of one user.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    base: String,
    lane: Lane,
    tokens: Arc<dyn TokenSource>,
}

/// One request, before the token is in it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Path below the base, unescaped, one part each.
    pub(crate) path: &'a [&'a str],
    pub(crate) query: Vec<(&'static str, String)>,
    /// The etag that the record must still have.
    pub(crate) if_match: Option<&'a str>,
    pub(crate) body: Option<serde_json::Value>,
}

/// What became of a call that must not be sent twice.
#[derive(Debug)]
pub(crate) enum Sent {
    /// It was answered.
    Answered(Answer),
    /// The server failed; it may have been carried out, and is not under way any more.
    Broken(Answer),
    /// There is no answer; it may have been carried out, and may be yet.
    Lost(Failure),
}

impl Api {
    pub(crate) fn new(base: &str, lane: Lane, tokens: Arc<dyn TokenSource>) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            lane,
            tokens,
        }
    }

    /// Sends it. A call that goes this way may be sent twice: reads, creations under an id of our own, writes and
    /// deletions guarded by an etag.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, Failure> {
        let request = self.request(call)?;
        let answer = call_with_token(
            &self.lane,
            self.tokens.as_ref(),
            request,
            Repeat::Harmless,
            verdict,
        )
        .await?;
        Ok(answer)
    }

    /// Reads a list to its end, page by page, as far as `pages_max`. `take` is given each page and says where the next
    /// one begins.
    pub(crate) async fn pages<P: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&'static str, &str)],
        pages_max: usize,
        failure_of: impl Fn(&Answer) -> Failure,
        mut take: impl FnMut(P) -> Option<String>,
    ) -> Result<(), Failure> {
        let mut page_token: Option<String> = None;
        for _ in 0..pages_max {
            let mut query: Vec<_> = query
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect();
            query.extend(page_token.take().map(|token| ("pageToken", token)));
            let call = Call {
                method: Method::GET,
                path,
                query,
                if_match: None,
                body: None,
            };
            let answer = self.send(call).await?;
            if answer.status != 200 {
                return Err(failure_of(&answer));
            }
            page_token = take(answer.json()?);
            if page_token.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Sends it once, because a second time would do it twice. Where it may have been carried out without our
    /// knowing, the answer says so.
    pub(crate) async fn send_once(&self, call: Call<'_>) -> Result<Sent, Failure> {
        let request = self.request(call)?;
        let sent = call_with_token(&self.lane, self.tokens.as_ref(), request, Repeat::Never, verdict).await;
        match sent {
            Ok(answer) if answer.status >= 500 => Ok(Sent::Broken(answer)),
            Ok(answer) => Ok(Sent::Answered(answer)),
            Err(BearerFailure::Http(failure)) if failure.outcome_unknown() => Ok(Sent::Lost(failure.into())),
            Err(failure) => Err(failure.into()),
        }
    }

    fn request(&self, call: Call<'_>) -> Result<http::Request<Vec<u8>>, Failure> {
        let invalid = || Failure::bug("request_invalid", "a request to Google could not be put together");
        let mut url = Url::parse(&self.base).map_err(|_| invalid())?;
        url.path_segments_mut()
            .map_err(|()| invalid())?
            .pop_if_empty()
            .extend(call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = http::Request::builder().method(call.method).uri(url.as_str());
        if let Some(etag) = call.if_match {
            request = request.header(http::header::IF_MATCH, etag);
        }
        let body = match call.body {
            None => Vec::new(),
            Some(body) => {
                request = request.header(http::header::CONTENT_TYPE, "application/json");
                serde_json::to_vec(&body).map_err(|_| invalid())?
            }
        };
        request.body(body).map_err(|_| invalid())
    }
}
