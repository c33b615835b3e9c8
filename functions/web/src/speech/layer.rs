//! Around every page: a language that was chosen on it is kept, and a refusal is put into words.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::Words;
use super::words::chosen;
use crate::app::App;
use crate::origin::Origin;
use crate::pages::Refused;

/// A handler that refuses need not know in which language: its answer carries the refusal, and the page is made
/// here.
pub(crate) async fn spoken(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origin = Origin::of(&app, request.headers());
    let words = Words::of(
        request.method(),
        request.uri(),
        request.headers(),
        &origin,
        app.now(),
    );
    let chosen = chosen(request.uri());
    let mut response = next.run(request).await;
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        response = refused.in_words(words, response);
    }
    if let Some(language) = chosen {
        language.keep(&origin, &mut response);
    }
    response
}
