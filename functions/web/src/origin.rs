//! Our own external address, as the browser sees it.

use http::{HeaderMap, header};

use crate::app::App;

/// The base address of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Scheme, host and port (and a path, where the operator chose one), without a slash at the end.
    pub(crate) base: String,
}

impl Origin {
    /// The operator's choice, else what the request was sent to.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        if let Some(base) = &app.config.public_url {
            return Self { base: base.clone() };
        }
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &http::HeaderValue| value.to_str().ok())
        };
        let forwarded = app
            .config
            .forwarded_is_trusted
            .then(|| text(header::HeaderName::from_static("x-forwarded-proto")))
            .flatten();
        let scheme = if forwarded == Some("https") {
            "https"
        } else {
            "http"
        };
        let host = text(header::HOST)
            .filter(|host| is_host(host))
            .unwrap_or("localhost");
        Self {
            base: format!("{scheme}://{host}"),
        }
    }

    /// Whether the browser comes over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Where Google sends people back to.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}/oauth/google/callback", self.base)
    }
}

/// The characters of a host name or address with a port; anything else has no business in an address of ours.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}
