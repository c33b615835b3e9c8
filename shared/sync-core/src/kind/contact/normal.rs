//! The normal form of a contact's values, the keys by which values are the same, and their comparison.

use super::parts::{Address, Birthday};
use crate::kind::event::{normal_text, reduced};
use crate::kind::line::{as_one_line, one_line};

/// Fewest digits by which two phone numbers are told to be one: shorter ones are extensions and emergency numbers.
const PHONE_DIGITS_MIN: usize = 7;

/// An address with every part in normal form.
pub fn normal_address(address: &Address) -> Address {
    Address {
        street: normal_text(&address.street),
        city: one_line(&address.city),
        region: one_line(&address.region),
        postal_code: one_line(&address.postal_code),
        country: one_line(&address.country),
    }
}

/// What makes two e-mail addresses the same. The part before the `@` may tell capitals apart, and nowhere does.
pub fn email_key(email: &str) -> String {
    as_one_line(email).to_lowercase()
}

/// What makes two phone numbers the same: everything but the marks that people put between digits, with `+` for a
/// leading `00`.
pub fn phone_key(phone: &str) -> String {
    let is_mark =
        |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2013}');
    let mut bare = String::with_capacity(phone.len());
    bare.extend(phone.chars().filter(|c| !is_mark(*c)));
    match bare.strip_prefix("00") {
        Some(rest) if !rest.is_empty() => format!("+{rest}"),
        Some(_) | None => bare.to_lowercase(),
    }
}

/// What makes two web sites the same: neither the way to get there nor a slash at the end.
pub fn website_key(website: &str) -> String {
    let bare = as_one_line(website);
    let bare = ["https://", "http://"]
        .iter()
        .find_map(|scheme| {
            let (head, rest) = bare.split_at_checked(scheme.len())?;
            head.eq_ignore_ascii_case(scheme).then_some(rest)
        })
        .unwrap_or(&bare)
        .trim_end_matches('/');
    let (host, path) = bare.split_at(bare.find('/').unwrap_or(bare.len()));
    format!("{}{path}", host.to_lowercase())
}

/// Whether two phone numbers are probably one and the same line: equal from the end on, as a national and an
/// international way of writing are.
pub fn same_line(one: &str, two: &str) -> bool {
    let digits = |phone: &str| -> String {
        let key = phone_key(phone);
        key.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .trim_start_matches('0')
            .to_owned()
    };
    let (one, two) = (digits(one), digits(two));
    let shorter = one.len().min(two.len());
    shorter >= PHONE_DIGITS_MIN && (one.ends_with(&two) || two.ends_with(&one))
}

/// How much of an address a side keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct AddressChars {
    /// Longest street in characters.
    pub street: Option<usize>,
    /// Longest town.
    pub city: Option<usize>,
    /// Longest region.
    pub region: Option<usize>,
    /// Longest postal code.
    pub postal_code: Option<usize>,
    /// Longest country.
    pub country: Option<usize>,
}

impl AddressChars {
    fn parts(&self) -> [Option<usize>; 5] {
        [
            self.street,
            self.city,
            self.region,
            self.postal_code,
            self.country,
        ]
    }
}

/// Whether two addresses differ in nothing that both sides can hold. A line end in a street is no difference to a
/// blank or a comma: sides with one line put either there.
pub(super) fn same_address(
    mine: &Address,
    theirs: &Address,
    chars: [&AddressChars; 2],
    four_byte: bool,
) -> bool {
    mine == theirs || shared_address(mine, chars, four_byte) == shared_address(theirs, chars, four_byte)
}

/// The parts of an address as far as both sides can hold them.
pub(super) fn shared_address(address: &Address, chars: [&AddressChars; 2], four_byte: bool) -> Vec<String> {
    let joined = |part: &str| {
        part.split(['\n', ','])
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let [first, second] = chars.map(AddressChars::parts);
    address
        .parts()
        .into_iter()
        .zip(first.into_iter().zip(second))
        .map(|(part, (one, two))| {
            let most = one.into_iter().chain(two).min();
            reduced(&one_line(&joined(part)), most, None, four_byte)
        })
        .collect()
}

/// Whether two birthdays differ in nothing that both sides can hold. Where a side has no birthdays without a year,
/// one without is as good as none, and as the same day with a year.
pub(super) fn same_birthday(mine: Option<Birthday>, theirs: Option<Birthday>, without_year: bool) -> bool {
    if mine == theirs {
        return true;
    }
    let lacks_year = |birthday: Option<Birthday>| birthday.is_none_or(|birthday| birthday.year().is_none());
    if without_year || !(lacks_year(mine) || lacks_year(theirs)) {
        return false;
    }
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => mine.is_same_day(theirs),
        (only, None) | (None, only) => lacks_year(only),
    }
}
