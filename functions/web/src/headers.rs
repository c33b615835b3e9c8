//! What every answer says about how it may be used.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use crate::app::App;
use crate::framing;
use crate::origin::Origin;

/// Nothing but our own stylesheet, script and forms. Who may frame it comes behind.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors ";

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Two years, as browsers' preload lists ask for.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Sets the headers that every answer carries.
pub(crate) async fn secure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origin = Origin::of(&app, request.headers());
    let framer = framing::allowed(&app, request.method(), request.uri(), request.headers()).await;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = format!(
        "{CONTENT_SECURITY_POLICY}{}",
        framer.as_deref().unwrap_or("'none'")
    );
    match HeaderValue::try_from(policy) {
        // The older header knows no origin that may; where one may, it has to be silent.
        Ok(policy) if framer.is_some() => {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        Ok(policy) => {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
        Err(_) => {
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
    }
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if origin.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    // Everything here is somebody's own, except what says otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
