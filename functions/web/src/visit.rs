//! One request for a page: where it was sent to, what it carries, and what seals the answer's cookies.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use sealing::Sealer;

use crate::app::App;
use crate::origin::Origin;
use crate::pages::Refused;

/// One request for a page.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) app: Arc<App>,
    pub(crate) origin: Origin,
    pub(crate) headers: HeaderMap,
    pub(crate) sealer: Sealer,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        // The key is read once in a process, and not before the first page is asked for.
        let sealer = app.connector.sealer().await?;
        let headers = parts.headers.clone();
        Ok(Self {
            app: Arc::clone(app),
            origin: Origin::of(app, &headers),
            headers,
            sealer,
        })
    }
}
