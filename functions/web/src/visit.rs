//! One request for a page: where it was sent to, what it carries, in which language it is answered, and what seals
//! the answer's cookies.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use sealing::Sealer;

use crate::app::App;
use crate::origin::Origin;
use crate::pages::Refused;
use crate::speech::Words;

/// One request for a page.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) app: Arc<App>,
    pub(crate) origin: Origin,
    pub(crate) headers: HeaderMap,
    pub(crate) words: Words,
    pub(crate) sealer: Sealer,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        // The key is read once in a process, and not before the first page is asked for.
        let sealer = app.connector.sealer().await?;
        let headers = parts.headers.clone();
        let origin = Origin::of(app, &headers);
        Ok(Self {
            app: Arc::clone(app),
            words: Words::of(&parts.method, &parts.uri, &headers, &origin, app.now()),
            origin,
            headers,
            sealer,
        })
    }
}
