//! Requests to one of Google's APIs, under the user's token.

use std::sync::Arc;

use connector_http::bearer::call_with_token;
use connector_http::client::Answer;
use connector_http::lane::{Lane, Repeat};
use connector_http::token::TokenSource;
use http::Method;
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

impl Api {
    pub(crate) fn new(base: &str, lane: Lane, tokens: Arc<dyn TokenSource>) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            lane,
            tokens,
        }
    }

    /// Sends it. Every call of this crate may be sent twice: reads, creations under an id of our own, writes and
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
