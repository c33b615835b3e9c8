//! A browser as small as can be: addresses, cookies, redirects.

use std::collections::BTreeMap;

use connector_http::client::{Answer, HttpClient};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

use crate::ending::Trouble;

/// Most redirects followed in a row.
const REDIRECTS_MAX: usize = 10;

/// Follows redirects and keeps cookies, by host and port as well: everything here is on one host.
#[derive(Debug)]
pub(super) struct Browser {
    http: HttpClient,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    pub(super) fn new(http: HttpClient) -> Self {
        Self {
            http,
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address and follows where it leads. Returns the last address and what it showed.
    pub(super) async fn open(&mut self, address: &str) -> Result<(Url, Answer), Trouble> {
        let mut url = Url::parse(address)
            .map_err(|_| Trouble::Other("the demo met an address that is none".to_owned()))?;
        for _ in 0..REDIRECTS_MAX {
            let answer = self.get(&url).await?;
            let next = answer
                .header(LOCATION)
                .and_then(|location| url.join(location).ok());
            match next {
                Some(next) if (300..400).contains(&answer.status) => url = next,
                _ => return Ok((url, answer)),
            }
        }
        Err(Trouble::Other("the demo was sent round in circles".to_owned()))
    }

    async fn get(&mut self, url: &Url) -> Result<Answer, Trouble> {
        let site = url.origin().ascii_serialization();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| *of == site)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = http::Request::get(url.as_str());
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let request = request
            .body(Vec::new())
            .map_err(|_| Trouble::Other("the demo could not ask".to_owned()))?;
        let answer = self
            .http
            .send(request)
            .await
            .map_err(|failure| Trouble::Other(failure.to_string()))?;
        for header in answer.headers.get_all(SET_COOKIE) {
            let pair = header
                .to_str()
                .ok()
                .and_then(|text| text.split(';').next())
                .and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies
                    .insert((site.clone(), name.trim().to_owned()), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// A call to the administration.
    pub(super) async fn call(
        &self,
        method: http::Method,
        address: &str,
        key: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, Trouble> {
        let request = http::Request::builder()
            .method(method)
            .uri(address)
            .header(http::header::AUTHORIZATION, format!("Bearer {key}"))
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into_bytes())
            .map_err(|_| Trouble::Other("the demo could not ask".to_owned()))?;
        let answer = self
            .http
            .send(request)
            .await
            .map_err(|failure| Trouble::Other(failure.to_string()))?;
        if !answer.is_success() {
            // A problem document says what is wrong and shows no secret.
            let told: serde_json::Value = answer.json().unwrap_or_default();
            return Err(Trouble::Other(format!(
                "the demo's set-up was refused ({}): {told}",
                answer.status
            )));
        }
        answer
            .json()
            .map_err(|unreadable| Trouble::Other(unreadable.to_string()))
    }
}
