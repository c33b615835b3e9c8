//! What two contacts must share to be taken for one without any mark: an e-mail and the name; an e-mail; a phone number
//! and the name.
//!
//! The name comes in first because colleagues share addresses: five people under `info@` are told apart by it.

use super::{ContactRecord, Family, email_key, phone_key};

/// Digits from the end by which a phone number is a sign: national and international ways of writing agree in them.
const PHONE_DIGITS: usize = 8;

/// The signs, the strongest sort first.
pub(super) fn likenesses(contact: &ContactRecord) -> Vec<Vec<String>> {
    let emails: Vec<String> = contact
        .values(Family::Email)
        .map(|(_, email)| email_key(email))
        .collect();
    let phones = contact
        .values(Family::Phone)
        .filter_map(|(_, phone)| ending(phone));
    let name = contact.name_key();
    if name.is_empty() {
        return vec![Vec::new(), emails];
    }
    vec![
        emails.iter().map(|email| format!("{email} {name}")).collect(),
        emails,
        phones.map(|phone| format!("{phone} {name}")).collect(),
    ]
}

/// The end of a phone number; `None` of a short one, which is an extension or an emergency number.
fn ending(phone: &str) -> Option<String> {
    let digits: Vec<char> = phone_key(phone).chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().checked_sub(PHONE_DIGITS)?;
    Some(digits.into_iter().skip(from).collect())
}
