//! Cookies: a name, a sealed value, and the strictest marks that the way allows.

use http::{HeaderMap, HeaderValue, header};

use crate::origin::Origin;

/// Whether a cookie comes along when another site's page leads here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    /// On a followed link, yes: Google's way back is one.
    Lax,
    /// Never.
    Strict,
}

/// A cookie of ours. On https it is bound to this very host (`__Host-`) and to TLS; on plain http, which only
/// happens on one's own machine, browsers and programs would not take such a cookie.
fn full_name(name: &str, origin: &Origin) -> String {
    if origin.is_secure() {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// The value of a cookie. Of two by the same name none is taken: one of them is not ours.
pub(crate) fn read<'h>(headers: &'h HeaderMap, origin: &Origin, name: &str) -> Option<&'h str> {
    let wanted = full_name(name, origin);
    let mut found = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| (name == wanted).then_some(value));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The header that sets a cookie for so many seconds; none of them removes it.
pub(crate) fn set(
    origin: &Origin,
    name: &str,
    value: &str,
    seconds: i64,
    same_site: SameSite,
) -> Option<HeaderValue> {
    let secure = if origin.is_secure() { "; Secure" } else { "" };
    let same_site = match same_site {
        SameSite::Lax => "Lax",
        SameSite::Strict => "Strict",
    };
    let name = full_name(name, origin);
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
    ))
    .ok()
}
