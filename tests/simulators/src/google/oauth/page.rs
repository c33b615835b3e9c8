//! The pages that a person sees.

use super::authorize::can_be_unticked;
use super::grants::{Asked, OAuth};
use crate::front::Answer;

/// Google's own error page: the client never hears of it.
pub(super) fn error(status: u16, code: &str, text: &str) -> Answer {
    Answer::html(
        status,
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Error {status}: {code}</title></head>\
             <body><h1>Access blocked: authorization error</h1><p>{}</p><p>Error {status}: {code}</p></body></html>",
            escape(text)
        ),
    )
}

/// The consent page: who, what, yes or no.
pub(super) fn consent(oauth: &OAuth, asked: &Asked, ticket: &str) -> Answer {
    let mut accounts = String::new();
    let hinted = asked
        .login_hint
        .as_deref()
        .filter(|hint| oauth.account(hint).is_some());
    for (position, account) in oauth.accounts.iter().enumerate() {
        let chosen = hinted.map_or(position == 0, |hint| account.email.eq_ignore_ascii_case(hint));
        accounts.push_str(&format_row(
            "radio",
            "account",
            &account.email,
            &account.name,
            chosen,
        ));
    }
    let mut scopes = String::new();
    for scope in asked.scopes.iter().filter(|scope| can_be_unticked(scope)) {
        scopes.push_str(&format_row("checkbox", "scope", scope, "", true));
    }
    Answer::html(
        200,
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>Sign in – simulated Google</title>\
             <style>body{{font:16px/1.5 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}\
             label{{display:block}}button{{font:inherit;padding:.4rem 1.2rem;margin:1rem .5rem 0 0}}</style></head>\
             <body><h1>Simulated Google</h1><p>An application wants to access your account.</p>\
             <form method=\"post\" action=\"/o/oauth2/v2/consent\"><input type=\"hidden\" name=\"ticket\" \
             value=\"{ticket}\"><fieldset><legend>Account</legend>{accounts}</fieldset>\
             <fieldset><legend>It may</legend>{scopes}</fieldset>\
             <button type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\
             <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button></form></body></html>"
        ),
    )
    .with_header("cache-control", "no-store")
}

fn format_row(kind: &str, name: &str, value: &str, label: &str, chosen: bool) -> String {
    let value = escape(value);
    let label = escape(label);
    let checked = if chosen { " checked" } else { "" };
    format!(
        "<label><input type=\"{kind}\" name=\"{name}\" value=\"{value}\"{checked}> {label} {value}</label>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
