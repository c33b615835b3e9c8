//! The token endpoint, bearer tokens, logout.
//!
//! # Source
//! Field guide, section 1.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, TimeDelta, Utc};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::crm::World;
use super::error::{Refused, document};
use super::options::{Grant, Version};
use crate::front::{Answer, Request};
use crate::jwt;

/// Access tokens live an hour, whatever the client's settings say.
const ACCESS_SECONDS: i64 = 3600;

/// The tokens that are good.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
}

#[derive(Debug, Clone)]
struct Access {
    user: String,
    expires: DateTime<Utc>,
}

#[derive(Debug, Clone)]
struct Refresh {
    user: String,
    client: String,
    access: String,
    expires: DateTime<Utc>,
}

impl Tokens {
    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }
}

/// Who a request acts as.
pub(super) fn user(world: &World, request: &Request, now: DateTime<Utc>) -> Result<String, Answer> {
    let denied = |hint: &str| {
        json_without_type(
            401,
            &json!({
                "error": "access_denied",
                "error_description": "The resource owner or authorization server denied the request.",
                "hint": hint,
                "message": "The resource owner or authorization server denied the request.",
            }),
        )
    };
    let Some(token) = request.bearer() else {
        return Err(denied("Missing \"Authorization\" header"));
    };
    let Some(access) = world.tokens.access.get(token) else {
        return Err(denied("Error while decoding to JSON"));
    };
    if access.expires <= now {
        return Err(denied("Access token is invalid"));
    }
    if world.options.version == Version::V7_15 && world.user(&access.user).is_some_and(|user| !user.active) {
        return Err(Refused::new("Not found").into());
    }
    Ok(access.user.clone())
}

/// `POST /Api/access_token`, by JSON, by form, with the client in the body or by HTTP Basic.
pub(super) fn answer(world: &mut World, request: &Request, now: DateTime<Utc>) -> Answer {
    if request.method != "POST" {
        return super::error::method_not_allowed("POST");
    }
    if world.options.missing_keys {
        return Answer::empty(500);
    }
    let fields = fields(request);
    let field = |name: &str| fields.get(name).cloned();
    let (client_id, secret) = match request.header("authorization").and_then(basic) {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (field("client_id"), field("client_secret")),
    };
    let Some(grant_type) = field("grant_type") else {
        return unsupported_grant();
    };
    if !["client_credentials", "password", "refresh_token"].contains(&grant_type.as_str()) {
        return unsupported_grant();
    }
    let Some(client_id) = client_id else {
        return oauth_error(
            401,
            "invalid_request",
            "The request is missing a required parameter.",
            "Check the `client_id` parameter",
        );
    };
    let Some(client) = world
        .options
        .clients
        .iter()
        .find(|client| client.id == client_id)
        .cloned()
    else {
        return oauth_error(
            500,
            "unknown_error",
            &format!("OAuth2Clients module with id {client_id} is not found"),
            "",
        );
    };
    let allowed = match (&client.grant, grant_type.as_str()) {
        (Grant::ClientCredentials { .. }, "client_credentials")
        | (Grant::Password, "password" | "refresh_token") => true,
        (Grant::ClientCredentials { .. } | Grant::Password, _) => false,
    };
    if secret.as_deref() != Some(client.secret.as_str()) || !allowed {
        return oauth_error(401, "invalid_client", "Client authentication failed", "");
    }
    match &client.grant {
        Grant::ClientCredentials { user_id } => {
            let user_id = user_id.clone();
            // A token for a client has no subject: who it acts as, only the server knows.
            grant(world, &client.id, &user_id, "", false, now)
        }
        Grant::Password if grant_type == "refresh_token" => {
            refresh(world, &client.id, field("refresh_token"), now)
        }
        Grant::Password => by_password(world, &client.id, field("username"), field("password"), now),
    }
}

fn by_password(
    world: &mut World,
    client: &str,
    name: Option<String>,
    password: Option<String>,
    now: DateTime<Utc>,
) -> Answer {
    let name = name.unwrap_or_default();
    let password = password.unwrap_or_default();
    let Some(user) = world
        .options
        .users
        .iter()
        .find(|user| user.user_name == name)
        .cloned()
    else {
        return oauth_error(
            500,
            "unknown_error",
            &format!("No user found with this username: {name}"),
            "",
        );
    };
    if user.password != password {
        // The real server echoes the password too.
        return oauth_error(
            500,
            "unknown_error",
            &format!("The password is invalid: {password}"),
            "",
        );
    }
    if world.options.version == Version::V7_15 && !user.active {
        return oauth_error(500, "unknown_error", "Not Authorized", "");
    }
    grant(world, client, &user.id, &user.id, true, now)
}

/// Refresh tokens are good once, and using one ends the access token that came with it.
fn refresh(world: &mut World, client: &str, token: Option<String>, now: DateTime<Utc>) -> Answer {
    let token = token.unwrap_or_default();
    let description = "The refresh token is invalid.";
    if !token.starts_with("def502") {
        return oauth_error(
            401,
            "invalid_request",
            description,
            "Cannot decrypt the refresh token",
        );
    }
    let held = world
        .tokens
        .refresh
        .remove(&token)
        .filter(|held| held.client == client && held.expires > now);
    let Some(held) = held else {
        return oauth_error(401, "invalid_request", description, "Token has been revoked");
    };
    world.tokens.access.remove(&held.access);
    grant(world, client, &held.user, &held.user, true, now)
}

fn grant(
    world: &mut World,
    client: &str,
    user: &str,
    subject: &str,
    refreshable: bool,
    now: DateTime<Utc>,
) -> Answer {
    let serial = world.new_id();
    // Fractions of a second, at which a strict reader of whole numbers fails.
    let seconds =
        |at: DateTime<Utc>| json!(f64::from(at.timestamp_subsec_micros()) / 1_000_000.0 + whole(at));
    let expires = now + TimeDelta::seconds(ACCESS_SECONDS);
    let token = jwt::sign(&json!({
        "aud": client, "jti": serial, "iat": seconds(now), "nbf": seconds(now), "exp": seconds(expires),
        "sub": subject, "scopes": [],
    }));
    world.tokens.access.retain(|_, access| access.expires > now);
    world.tokens.access.insert(
        token.clone(),
        Access {
            user: user.to_owned(),
            expires,
        },
    );
    let mut body = Map::from_iter([
        ("token_type".to_owned(), json!("Bearer")),
        ("expires_in".to_owned(), json!(ACCESS_SECONDS)),
        ("access_token".to_owned(), json!(token)),
    ]);
    if refreshable {
        let refresh = format!("def502{}{}", world.new_id(), world.new_id()).replace('-', "");
        body.insert("refresh_token".to_owned(), json!(refresh));
        let expires = now.checked_add_months(Months::new(1)).unwrap_or(now);
        let held = Refresh {
            user: user.to_owned(),
            client: client.to_owned(),
            access: token,
            expires,
        };
        world.tokens.refresh.insert(refresh, held);
    }
    json_without_type(200, &Value::Object(body))
}

fn whole(at: DateTime<Utc>) -> f64 {
    // Exact until the year 3058.
    i32::try_from(at.timestamp()).map_or_else(
        |_| f64::from(u32::try_from(at.timestamp()).unwrap_or(u32::MAX)),
        f64::from,
    ) + 0.000_1
}

/// `POST /Api/V8/logout`.
pub(super) fn logout(world: &mut World, request: &Request) -> Answer {
    if let Some(token) = request.bearer() {
        world.tokens.access.remove(token);
        world.tokens.refresh.retain(|_, held| held.access != token);
    }
    document(
        200,
        &json!({ "meta": { "message": "You have been successfully logged out" }, "data": [] }),
    )
}

fn unsupported_grant() -> Answer {
    oauth_error(
        400,
        "unsupported_grant_type",
        "The authorization grant type is not supported by the authorization server.",
        "Check that all required parameters have been provided",
    )
}

fn oauth_error(status: u16, error: &str, description: &str, hint: &str) -> Answer {
    let mut body = json!({ "error": error, "error_description": description, "message": description });
    if let Some(fields) = body.as_object_mut().filter(|_| !hint.is_empty()) {
        fields.insert("hint".to_owned(), json!(hint));
    }
    json_without_type(status, &body)
}

/// The token endpoint's answers are declared as nothing useful.
fn json_without_type(status: u16, body: &Value) -> Answer {
    Answer::html(status, body.to_string())
}

fn fields(request: &Request) -> BTreeMap<String, String> {
    if let Ok(Value::Object(fields)) = serde_json::from_slice(&request.body) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return fields
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
    }
    request.form().into_iter().collect()
}

fn basic(header: &str) -> Option<(String, String)> {
    let text = String::from_utf8(
        BASE64
            .decode(header.strip_prefix("Basic ")?.trim().as_bytes())
            .ok()?,
    )
    .ok()?;
    text.split_once(':')
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}
