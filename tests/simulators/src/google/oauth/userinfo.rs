//! Who the token belongs to, in both of Google's shapes.

use chrono::{DateTime, Utc};
use serde_json::{Map, json};

use super::super::world::World;
use super::token::subject;
use crate::front::{Answer, Request};

/// Answers either address.
pub(super) fn answer(world: &World, request: &Request, now: DateTime<Utc>) -> Answer {
    let Some(access) = world.oauth.bearer(request.bearer(), now) else {
        return Answer::json(
            401,
            &json!({ "error": { "code": 401, "message": "Request is missing required authentication credential. \
                Expected OAuth 2 access token, login cookie or other valid authentication credential.",
                "status": "UNAUTHENTICATED" } }),
        )
        .with_header("www-authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
    };
    let has = |suffix: &str| access.scopes.iter().any(|scope| scope.ends_with(suffix));
    if !(has("openid") || has("userinfo.email") || has("userinfo.profile")) {
        return Answer::json(
            403,
            &json!({ "error": { "code": 403, "status": "PERMISSION_DENIED",
                "message": "Request had insufficient authentication scopes." } }),
        );
    }
    let openid = request.path != "/oauth2/v2/userinfo";
    let mut body = Map::new();
    body.insert(
        if openid { "sub" } else { "id" }.to_owned(),
        json!(subject(&access.account)),
    );
    if has("userinfo.email") {
        body.insert("email".to_owned(), json!(access.account));
        body.insert(
            if openid {
                "email_verified"
            } else {
                "verified_email"
            }
            .to_owned(),
            json!(true),
        );
    }
    if has("userinfo.profile") {
        let name = world
            .oauth
            .account(&access.account)
            .map(|account| account.name.clone());
        body.insert("name".to_owned(), json!(name));
    }
    Answer::json(200, &body.into())
}
