//! The token and revocation endpoints.

use chrono::{DateTime, Utc};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::world::World;
use super::grants::ACCESS_SECONDS;
use crate::front::{Answer, Request};
use crate::jwt;

type Form = Vec<(String, String)>;

/// `POST` on the token endpoint.
pub(super) fn answer(world: &mut World, request: &Request, now: DateTime<Utc>) -> Answer {
    let form = request.form();
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return refuse(400, "invalid_request", "The request body must be a form.");
    }
    let client = match authenticate(world, request, &form) {
        Ok(client) => client,
        Err(answer) => return answer,
    };
    match field(&form, "grant_type") {
        Some("authorization_code") => redeem(world, &form, &client, now),
        Some("refresh_token") => refresh(world, &form, &client, now),
        Some(other) => refuse(
            400,
            "unsupported_grant_type",
            &format!("Invalid grant_type: {other}"),
        ),
        None => refuse(
            400,
            "invalid_request",
            "Required parameter is missing: grant_type",
        ),
    }
}

/// The revocation endpoint, by form or by query.
pub(super) fn revoke(world: &mut World, request: &Request) -> Answer {
    let form = request.form();
    let token = field(&form, "token")
        .or(request.parameter("token"))
        .unwrap_or_default();
    if world.oauth.revoke_token(token) {
        Answer::json(200, &json!({}))
    } else {
        refuse(400, "invalid_token", "Token expired or revoked")
    }
}

fn authenticate(world: &World, request: &Request, form: &Form) -> Result<String, Answer> {
    let basic = request.header("authorization").and_then(basic_credentials);
    let (id, secret) = match basic {
        Some((id, secret)) => (id, Some(secret)),
        None => (
            field(form, "client_id").unwrap_or_default().to_owned(),
            field(form, "client_secret").map(str::to_owned),
        ),
    };
    if id.is_empty() {
        return Err(refuse(
            400,
            "invalid_request",
            "Could not determine client ID from request.",
        ));
    }
    let Some(client) = world.oauth.client(&id) else {
        return Err(refuse(401, "invalid_client", "The OAuth client was not found."));
    };
    match secret {
        None => Err(refuse(400, "invalid_request", "client_secret is missing.")),
        Some(secret) if secret != client.secret => Err(refuse(401, "invalid_client", "Unauthorized")),
        Some(_) => Ok(id),
    }
}

fn basic_credentials(header: &str) -> Option<(String, String)> {
    let encoded = header.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        url::form_urlencoded::parse(format!("v={part}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}

fn redeem(world: &mut World, form: &Form, client: &str, now: DateTime<Utc>) -> Answer {
    let Some(code) = field(form, "code") else {
        return refuse(400, "invalid_request", "Missing required parameter: code");
    };
    let Some(held) = world.oauth.codes.get(code).cloned() else {
        return refuse(400, "invalid_grant", "Malformed auth code.");
    };
    if held.asked.client != client {
        return refuse(401, "unauthorized_client", "Unauthorized");
    }
    if field(form, "redirect_uri") != Some(held.asked.redirect_uri.as_str()) {
        return refuse(400, "redirect_uri_mismatch", "Bad Request");
    }
    // From here on the code is spent, whatever comes of it.
    world.oauth.codes.remove(code);
    if held.expired(now) {
        return refuse(400, "invalid_grant", "Bad Request");
    }
    if let Some((challenge, hashed)) = &held.asked.challenge {
        match field(form, "code_verifier") {
            None => return refuse(400, "invalid_grant", "Missing code verifier."),
            Some(verifier) if !verifies(verifier, challenge, *hashed) => {
                return refuse(400, "invalid_grant", "Invalid code verifier.");
            }
            Some(_) => {}
        }
    }
    let account = held.account.clone();
    let access = world
        .oauth
        .new_access(&mut world.chance, &account, client, &held.scopes, now);
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(access));
    body.insert("expires_in".to_owned(), json!(ACCESS_SECONDS));
    if held.refresh {
        let token = world
            .oauth
            .new_refresh(&mut world.chance, &account, client, &held.scopes, now);
        body.insert("refresh_token".to_owned(), json!(token));
        if let Some(seconds) = world.oauth.refresh_seconds() {
            body.insert("refresh_token_expires_in".to_owned(), json!(seconds));
        }
    }
    let scope: Vec<&str> = held.scopes.iter().map(String::as_str).collect();
    body.insert("scope".to_owned(), json!(scope.join(" ")));
    body.insert("token_type".to_owned(), json!("Bearer"));
    if held.scopes.contains("openid") {
        let token = id_token(world, &account, client, held.asked.nonce.as_deref(), &scope, now);
        body.insert("id_token".to_owned(), json!(token));
    }
    granted(body)
}

fn refresh(world: &mut World, form: &Form, client: &str, now: DateTime<Utc>) -> Answer {
    let Some(token) = field(form, "refresh_token") else {
        return refuse(
            400,
            "invalid_request",
            "Missing required parameter: refresh_token",
        );
    };
    let Some((account, owner, scopes)) = world.oauth.use_refresh(token, now) else {
        return refuse(400, "invalid_grant", "Token has been expired or revoked.");
    };
    if owner != client {
        return refuse(401, "unauthorized_client", "Unauthorized");
    }
    let access = world
        .oauth
        .new_access(&mut world.chance, &account, client, &scopes, now);
    let scope: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(access));
    body.insert("expires_in".to_owned(), json!(ACCESS_SECONDS));
    body.insert("scope".to_owned(), json!(scope.join(" ")));
    body.insert("token_type".to_owned(), json!("Bearer"));
    if scopes.contains("openid") {
        body.insert(
            "id_token".to_owned(),
            json!(id_token(world, &account, client, None, &scope, now)),
        );
    }
    granted(body)
}

fn granted(body: Map<String, Value>) -> Answer {
    Answer::json(200, &Value::Object(body)).with_header("cache-control", "no-cache, no-store, max-age=0")
}

fn id_token(
    world: &World,
    account: &str,
    client: &str,
    nonce: Option<&str>,
    scopes: &[&str],
    now: DateTime<Utc>,
) -> String {
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!("https://accounts.google.com"));
    claims.insert("azp".to_owned(), json!(client));
    claims.insert("aud".to_owned(), json!(client));
    claims.insert("sub".to_owned(), json!(subject(account)));
    claims.insert("iat".to_owned(), json!(now.timestamp()));
    claims.insert("exp".to_owned(), json!(now.timestamp() + ACCESS_SECONDS));
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    if scopes.iter().any(|scope| scope.ends_with("userinfo.email")) {
        claims.insert("email".to_owned(), json!(account));
        claims.insert("email_verified".to_owned(), json!(true));
    }
    if scopes.iter().any(|scope| scope.ends_with("userinfo.profile")) {
        let name = world.oauth.account(account).map(|known| known.name.clone());
        claims.insert("name".to_owned(), json!(name));
    }
    jwt::sign(&Value::Object(claims))
}

/// The account's unchanging number, 21 digits as Google's are.
pub(super) fn subject(account: &str) -> String {
    let hash = Sha256::digest(account.to_lowercase().as_bytes());
    let digits: String = hash
        .iter()
        .map(|byte| char::from(b'0' + byte % 10))
        .take(20)
        .collect();
    format!("1{digits}")
}

fn verifies(verifier: &str, challenge: &str, hashed: bool) -> bool {
    if hashed {
        BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes())) == challenge
    } else {
        verifier == challenge
    }
}

fn field<'form>(form: &'form Form, name: &str) -> Option<&'form str> {
    form.iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn refuse(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": error, "error_description": description }),
    )
}
