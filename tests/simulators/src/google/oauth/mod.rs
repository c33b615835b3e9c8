//! Google's OAuth 2: consent page, token, revocation, user info, keys.
//!
//! # Source
//! developers.google.com/identity/protocols/oauth2 (web-server flow), as collected in the field guide.

mod authorize;
mod grants;
mod page;
mod token;
mod userinfo;

use chrono::{DateTime, Utc};
use serde_json::json;

pub(super) use grants::{Access, OAuth};
pub use grants::{Consent, Tokens};

use super::world::World;
use crate::front::{Answer, Request};
use crate::jwt;

/// Answers an address that is not the Calendar API's.
pub(super) fn answer(world: &mut World, request: &Request, now: DateTime<Utc>) -> Answer {
    match (request.method.as_str(), pattern(&request.path)) {
        ("GET", "/o/oauth2/v2/auth") => authorize::show(world, request, now),
        ("POST", "/o/oauth2/v2/consent") => authorize::decide(world, request, now),
        ("POST", "/token") => token::answer(world, request, now),
        ("POST" | "GET", "/revoke") => token::revoke(world, request),
        ("GET" | "POST", "/oauth2/v2/userinfo" | "/v1/userinfo") => userinfo::answer(world, request, now),
        ("GET", "/oauth2/v3/certs") => Answer::json(200, &jwt::key_set()),
        (_, "/not-found") => Answer::html(404, "<html><title>Error 404 (Not Found)!!1</title></html>"),
        _ => Answer::json(405, &json!({ "error": "method_not_allowed" })),
    }
}

/// The pattern of an address that is not the Calendar API's.
pub(super) fn pattern(path: &str) -> &'static str {
    match path {
        "/o/oauth2/v2/auth" => "/o/oauth2/v2/auth",
        "/o/oauth2/v2/consent" => "/o/oauth2/v2/consent",
        "/token" => "/token",
        "/revoke" => "/revoke",
        "/oauth2/v2/userinfo" => "/oauth2/v2/userinfo",
        "/v1/userinfo" | "/oauth2/v3/userinfo" => "/v1/userinfo",
        "/oauth2/v3/certs" => "/oauth2/v3/certs",
        _ => "/not-found",
    }
}
