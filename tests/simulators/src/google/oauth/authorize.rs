//! The authorization endpoint: checks the request, shows the consent page, returns to the client.

use chrono::{DateTime, Utc};
use url::Url;

use super::super::world::World;
use super::grants::{Asked, Consent};
use super::page;
use crate::front::{Answer, Request};

/// Scopes that exist; anything else is `invalid_scope`.
const SCOPES: [&str; 28] = [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
    "https://www.googleapis.com/auth/calendar",
    "https://www.googleapis.com/auth/calendar.acls",
    "https://www.googleapis.com/auth/calendar.acls.readonly",
    "https://www.googleapis.com/auth/calendar.app.created",
    "https://www.googleapis.com/auth/calendar.calendarlist",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    "https://www.googleapis.com/auth/calendar.calendars",
    "https://www.googleapis.com/auth/calendar.calendars.readonly",
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.events.freebusy",
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.events.owned.readonly",
    "https://www.googleapis.com/auth/calendar.events.public.readonly",
    "https://www.googleapis.com/auth/calendar.events.readonly",
    "https://www.googleapis.com/auth/calendar.freebusy",
    "https://www.googleapis.com/auth/calendar.readonly",
    "https://www.googleapis.com/auth/calendar.settings.readonly",
    "https://www.googleapis.com/auth/tasks",
    "https://www.googleapis.com/auth/tasks.readonly",
    "https://www.googleapis.com/auth/contacts",
    "https://www.googleapis.com/auth/contacts.readonly",
    "https://www.googleapis.com/auth/contacts.other.readonly",
    "https://www.googleapis.com/auth/directory.readonly",
    "https://www.googleapis.com/auth/user.emails.read",
    "https://www.googleapis.com/auth/drive.file",
];

/// Sign-in scopes have no box on the consent page: they cannot be unticked.
pub(super) fn can_be_unticked(scope: &str) -> bool {
    scope != "openid" && !scope.contains("/auth/userinfo.")
}

/// Google answers with the long names of the two short scopes.
pub(super) fn long_scope(scope: &str) -> String {
    match scope {
        "email" => "https://www.googleapis.com/auth/userinfo.email".to_owned(),
        "profile" => "https://www.googleapis.com/auth/userinfo.profile".to_owned(),
        _ => scope.to_owned(),
    }
}

/// `GET` on the authorization endpoint.
pub(super) fn show(world: &mut World, request: &Request, now: DateTime<Utc>) -> Answer {
    let asked = match check(world, request) {
        Ok(asked) => asked,
        // Google never returns to the client with these: it shows its own page.
        Err((status, code, text)) => return page::error(status, code, text),
    };
    if let Some(consent) = world.oauth.consent.clone() {
        return conclude(world, &asked, &consent, now);
    }
    if request
        .parameter("prompt")
        .is_some_and(|prompt| prompt.split(' ').any(|word| word == "none"))
    {
        return back(&asked, &[("error", "interaction_required")]);
    }
    let ticket = world.chance.word(32);
    let shown = page::consent(&world.oauth, &asked, &ticket);
    world.oauth.pending.insert(ticket, asked);
    shown
}

/// `POST` of the consent page's form.
pub(super) fn decide(world: &mut World, request: &Request, now: DateTime<Utc>) -> Answer {
    let form = request.form();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    let ticket = field("ticket").unwrap_or_default();
    let Some(asked) = world.oauth.pending.remove(&ticket) else {
        return page::error(
            400,
            "invalid_request",
            "This consent has been given already, or never was asked for.",
        );
    };
    let chosen: Vec<&String> = form
        .iter()
        .filter(|(key, _)| key == "scope")
        .map(|(_, value)| value)
        .collect();
    let untick = asked
        .scopes
        .iter()
        .filter(|scope| can_be_unticked(scope) && !chosen.contains(scope))
        .cloned()
        .collect();
    let consent = Consent {
        email: field("account").unwrap_or_default(),
        allow: field("decision").as_deref() == Some("allow"),
        untick,
    };
    conclude(world, &asked, &consent, now)
}

fn conclude(world: &mut World, asked: &Asked, consent: &Consent, now: DateTime<Utc>) -> Answer {
    let Some(account) = world
        .oauth
        .account(&consent.email)
        .map(|account| account.email.clone())
    else {
        return page::error(400, "invalid_request", "There is no such account.");
    };
    if !consent.allow {
        return back(asked, &[("error", "access_denied")]);
    }
    let untick: Vec<String> = consent
        .untick
        .iter()
        .map(|scope| long_scope(scope))
        .filter(|scope| can_be_unticked(scope))
        .collect();
    let (code, scopes) = world
        .oauth
        .consented(&mut world.chance, asked.clone(), &account, &untick, now);
    let scope = scopes.into_iter().collect::<Vec<_>>().join(" ");
    back(
        asked,
        &[
            ("code", &code),
            ("scope", &scope),
            ("authuser", "0"),
            ("prompt", "consent"),
        ],
    )
}

fn back(asked: &Asked, pairs: &[(&str, &str)]) -> Answer {
    let Ok(mut url) = Url::parse(&asked.redirect_uri) else {
        return page::error(400, "invalid_request", "The redirect address is not an address.");
    };
    {
        let mut query = url.query_pairs_mut();
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        for (name, value) in pairs {
            query.append_pair(name, value);
        }
    }
    Answer::redirect(url)
}

type PageError = (u16, &'static str, &'static str);

fn check(world: &World, request: &Request) -> Result<Asked, PageError> {
    let need = |name: &'static str, missing: PageError| {
        request
            .parameter(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .ok_or(missing)
    };
    let client_id = need(
        "client_id",
        (400, "invalid_request", "Missing required parameter: client_id"),
    )?;
    let client =
        world
            .oauth
            .client(&client_id)
            .ok_or((401, "invalid_client", "The OAuth client was not found."))?;
    let redirect_uri = need(
        "redirect_uri",
        (400, "invalid_request", "Missing required parameter: redirect_uri"),
    )?;
    if !client.redirect_uris.contains(&redirect_uri) {
        return Err((
            400,
            "redirect_uri_mismatch",
            "The redirect address is not one of the client's.",
        ));
    }
    let response_type = need(
        "response_type",
        (
            400,
            "invalid_request",
            "Missing required parameter: response_type",
        ),
    )?;
    if response_type != "code" {
        return Err((
            400,
            "unsupported_response_type",
            "Only the code flow is open to this client.",
        ));
    }
    let scope = need(
        "scope",
        (400, "invalid_request", "Missing required parameter: scope"),
    )?;
    let scopes: Vec<String> = scope.split_whitespace().map(long_scope).collect();
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err((400, "invalid_scope", "Some requested scopes were invalid."));
    }
    let method = request.parameter("code_challenge_method");
    let challenge = match (request.parameter("code_challenge"), method) {
        (None, None) => None,
        (None, Some(_)) => {
            return Err((
                400,
                "invalid_request",
                "Missing required parameter: code_challenge",
            ));
        }
        (Some(challenge), method) => {
            let hashed = match method {
                Some("S256") => true,
                Some("plain") | None => false,
                Some(_) => return Err((400, "invalid_request", "Invalid parameter: code_challenge_method")),
            };
            if !(43..=128).contains(&challenge.len()) {
                return Err((400, "invalid_request", "Invalid parameter: code_challenge"));
            }
            Some((challenge.to_owned(), hashed))
        }
    };
    let offline = match request.parameter("access_type") {
        Some("offline") => true,
        Some("online") | None => false,
        Some(_) => return Err((400, "invalid_request", "Invalid parameter value for access_type")),
    };
    let prompts: Vec<&str> = request
        .parameter("prompt")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    if prompts
        .iter()
        .any(|word| !["none", "consent", "select_account"].contains(word))
    {
        return Err((400, "invalid_request", "Invalid parameter value for prompt"));
    }
    Ok(Asked {
        client: client_id,
        redirect_uri,
        scopes,
        state: request.parameter("state").map(str::to_owned),
        nonce: request.parameter("nonce").map(str::to_owned),
        challenge,
        offline,
        prompt_consent: prompts.contains(&"consent"),
        include_granted: request.parameter("include_granted_scopes") == Some("true"),
        login_hint: request.parameter("login_hint").map(str::to_owned),
    })
}
