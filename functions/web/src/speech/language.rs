//! Which languages there are, and which one a browser wants.

use axum::response::Response;
use http::{HeaderMap, header};

use crate::cookie::{self, SameSite};
use crate::origin::Origin;

/// Keeps the language that was chosen. Not a secret, so it is not sealed.
const COOKIE: &str = "sync_language";
/// A choice is kept for a year after it was last made.
const KEPT_SECONDS: i64 = 365 * 24 * 60 * 60;
/// Entries of `Accept-Language` that are looked at; browsers send a handful.
const ACCEPTED_MAX: usize = 20;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    /// English: also for whoever speaks none of the others.
    English,
    /// Portuguese.
    Portuguese,
    /// Italian.
    Italian,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
    /// Romanian.
    Romanian,
}

impl Language {
    /// All of them, in the order in which pages offer them.
    pub(crate) const ALL: [Self; 6] = [
        Self::English,
        Self::Portuguese,
        Self::Italian,
        Self::Spanish,
        Self::Russian,
        Self::Romanian,
    ];

    /// The language's code in BCP 47.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt",
            Self::Italian => "it",
            Self::Spanish => "es",
            Self::Russian => "ru",
            Self::Romanian => "ro",
        }
    }

    /// Its name in itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Portuguese => "Português",
            Self::Italian => "Italiano",
            Self::Spanish => "Español",
            Self::Russian => "Русский",
            Self::Romanian => "Română",
        }
    }

    /// The direction in which it is written.
    pub(crate) fn direction(self) -> &'static str {
        match self {
            Self::English
            | Self::Portuguese
            | Self::Italian
            | Self::Spanish
            | Self::Russian
            | Self::Romanian => "ltr",
        }
    }

    /// The language of a tag such as `pt-BR` or, as CRMs write it, `pt_br`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(first))
    }

    /// The language that the browser keeps, else the one of ours that it likes best.
    pub(crate) fn of(headers: &HeaderMap, origin: &Origin) -> Self {
        Self::kept(headers, origin)
            .or_else(|| Self::accepted(headers))
            .unwrap_or(Self::English)
    }

    /// The language that was chosen in this browser.
    pub(crate) fn kept(headers: &HeaderMap, origin: &Origin) -> Option<Self> {
        Self::of_tag(cookie::read(headers, origin, COOKIE)?)
    }

    /// Keeps it in the browser.
    pub(crate) fn keep(self, origin: &Origin, response: &mut Response) {
        if let Some(cookie) = cookie::set(origin, COOKIE, self.code(), KEPT_SECONDS, SameSite::Lax) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// RFC 9110, section 12.5.4: the best of ours by the weights given; of equals the first.
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best: Option<(f32, Self)> = None;
        for entry in text.split(',').take(ACCEPTED_MAX) {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
            let weight = match parameters.trim().strip_prefix("q=") {
                Some(weight) => weight.trim().parse::<f32>().unwrap_or(0.0),
                None => 1.0,
            };
            if let Some(language) = Self::of_tag(tag)
                && weight > best.map_or(0.0, |(weight, _)| weight)
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}
