//! What templates and handlers ask for: a text, a count, a moment.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use fluent_bundle::{FluentArgs, FluentValue};
use http::{HeaderMap, Method, Uri};
use sync_core::policy::FieldError;
use sync_engine::memory::AccountLink;
use url::form_urlencoded;

use super::{Language, catalogue, told};
use crate::cookie;
use crate::origin::Origin;

/// Where the script keeps the browser's zone. Anybody may set it, so it is only ever read as the name of a zone.
const ZONE_COOKIE: &str = "sync_zone";
/// The parameter by which a page is asked for in a language.
const PARAMETER: &str = "lang";
/// Up to this many minutes ahead, a moment is told by how far off it is.
const SOON_MINUTES: i64 = 90;

/// The language in which one page speaks, the zone in which it tells the time, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    language: Language,
    zone: Option<Tz>,
    now: DateTime<Utc>,
    /// The address that shows this page again, without a language.
    here: String,
}

/// A whole number, as templates have them.
pub(crate) trait Number {
    /// As the catalogue takes it.
    fn number(&self) -> FluentValue<'static>;
}

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            fn number(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}

numbers!(u32, u64, usize, i64);

impl<N: Number> Number for &N {
    fn number(&self) -> FluentValue<'static> {
        (**self).number()
    }
}

/// One line of the choice of languages.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) address: String,
    pub(crate) current: bool,
}

impl Words {
    /// For a request.
    pub(crate) fn of(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            language: chosen(uri).unwrap_or_else(|| Language::of(headers, origin)),
            zone: cookie::read(headers, origin, ZONE_COOKIE).and_then(|name| name.parse().ok()),
            now,
            here: here(method, uri),
        }
    }

    /// In the language that the CRM named, unless another one was chosen on the page itself.
    pub(crate) fn claimed(&mut self, locale: Option<&str>, uri: &Uri) -> Option<Language> {
        if chosen(uri).is_some() {
            return None;
        }
        let language = Language::of_tag(locale?)?;
        self.language = language;
        Some(language)
    }

    /// With what is known of a user, where their browser says nothing itself.
    pub(crate) fn about(&mut self, link: &AccountLink, headers: &HeaderMap, origin: &Origin, uri: &Uri) {
        let body = &link.body.value;
        if Language::kept(headers, origin).is_none() {
            self.claimed(body.locale.as_deref(), uri);
        }
        let hours = body
            .settings
            .events
            .hours
            .as_ref()
            .map(|hours| hours.time_zone.as_str());
        let known = link.progress.time_zone.as_deref().or(hours);
        self.zone = self.zone.or_else(|| known?.parse().ok());
    }

    /// A text.
    pub(crate) fn say(&self, key: impl AsRef<str>) -> String {
        self.filled(key.as_ref(), &FluentArgs::new())
    }

    /// A text that may be there or not.
    pub(crate) fn maybe(&self, key: &str) -> Option<String> {
        let none = FluentArgs::new();
        catalogue::text(self.language, key, &none).or_else(|| catalogue::text(Language::English, key, &none))
    }

    /// What people call a field; its own name where the catalogue has none.
    pub(crate) fn label(&self, field: &str) -> String {
        self.maybe(&format!("label-{}", field.replace('.', "-")))
            .unwrap_or_else(|| field.to_owned())
    }

    /// A text with one variable.
    pub(crate) fn with(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        let mut values = FluentArgs::new();
        values.set(name, value.as_ref());
        self.filled(key, &values)
    }

    /// A text about so many of something.
    pub(crate) fn count(&self, key: &str, count: impl Number) -> String {
        let mut values = FluentArgs::new();
        values.set("count", count.number());
        self.filled(key, &values)
    }

    /// A sentence that was said in English elsewhere; as it is where it is not known.
    pub(crate) fn told<'s>(&self, sentence: &'s str) -> Cow<'s, str> {
        if self.language == Language::English {
            return Cow::Borrowed(sentence);
        }
        told::told(self.language, sentence).map_or(Cow::Borrowed(sentence), Cow::Owned)
    }

    /// What is wrong with a field.
    pub(crate) fn wrong(&self, error: &FieldError) -> String {
        let text = self.told(&error.message);
        let mut characters = text.chars();
        characters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(characters)
            .collect()
    }

    /// A date and a time of day.
    pub(crate) fn moment(&self, at: &DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone.unwrap_or(Tz::UTC));
        let mut values = FluentArgs::new();
        values.set("date", self.day(local.date_naive()));
        values.set("time", local.format("%H:%M").to_string());
        let key = if self.zone.is_some() {
            "moment"
        } else {
            "moment-utc"
        };
        self.filled(key, &values)
    }

    /// A moment for programs.
    pub(crate) fn iso(at: &DateTime<Utc>) -> String {
        at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// A day.
    pub(crate) fn day(&self, day: NaiveDate) -> String {
        let mut values = FluentArgs::new();
        values.set("day", day.day().to_string());
        values.set("month", self.say(format!("month-{}", day.month())));
        values.set("year", day.year().to_string());
        self.filled("date", &values)
    }

    /// When something is due: how far off, where that is soon.
    pub(crate) fn due(&self, at: &DateTime<Utc>) -> String {
        let minutes = at.signed_duration_since(self.now).num_minutes();
        match minutes {
            ..=0 => self.say("due-now"),
            1..=SOON_MINUTES => self.count("due-in", minutes),
            _ => self.moment(at),
        }
    }

    /// The language's code.
    pub(crate) fn lang(&self) -> &'static str {
        self.language.code()
    }

    /// The direction in which it is written.
    pub(crate) fn dir(&self) -> &'static str {
        self.language.direction()
    }

    /// The zone in which moments are told; empty where none is known.
    pub(crate) fn zone(&self) -> &'static str {
        self.zone.map(Tz::name).unwrap_or_default()
    }

    /// The same page in every language.
    pub(crate) fn elsewhere(&self) -> Vec<Elsewhere> {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        let all = Language::ALL.iter().map(|language| Elsewhere {
            code: language.code(),
            name: language.name(),
            address: format!("{}{joint}{PARAMETER}={}", self.here, language.code()),
            current: *language == self.language,
        });
        all.collect()
    }

    fn filled(&self, key: &str, values: &FluentArgs<'_>) -> String {
        catalogue::text(self.language, key, values)
            .or_else(|| catalogue::text(Language::English, key, values))
            .unwrap_or_else(|| key.to_owned())
    }
}

/// The language that the page's own address asks for.
pub(super) fn chosen(uri: &Uri) -> Option<Language> {
    let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let (_, tag) = pairs.find(|(name, _)| name == PARAMETER)?;
    Language::of_tag(&tag)
}

/// The address that shows the page again. What a form led to cannot be shown again, so it is the page of the form;
/// what has been done and said is not said twice.
fn here(method: &Method, uri: &Uri) -> String {
    if method != Method::GET {
        let path = uri.path();
        let crm = path
            .strip_prefix("/admin/crms/")
            .and_then(|rest| rest.split('/').next());
        return match crm {
            Some(crm) => format!("/admin/crms/{crm}"),
            None if path == "/admin/crms" => "/admin/new".to_owned(),
            None if path.starts_with("/admin") => "/admin".to_owned(),
            None => "/me".to_owned(),
        };
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if ![PARAMETER, "done", "run"].contains(&name.as_ref()) {
            query.append_pair(&name, &value);
        }
    }
    match query.finish() {
        query if query.is_empty() => uri.path().to_owned(),
        query => format!("{}?{query}", uri.path()),
    }
}
