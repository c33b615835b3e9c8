//! What two contacts must share to be taken for one without any mark: an e-mail and the name; an e-mail; a phone number
//! and the name, or neither name; a phone number and the first name, where there is no other name.
//!
//! The name comes in first because colleagues share addresses: five people under `info@` are told apart by it. A CRM's
//! own Google sync repeats the first name where the CRM demands a last name and there is none.

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
    let phones: Vec<String> = phones.collect();
    let name = contact.name_key();
    let with = |signs: &[String], name: &str| signs.iter().map(|sign| [sign, " ", name].concat()).collect();
    let given = contact.given_name.to_lowercase();
    let has_one_name = !given.is_empty() && family_of(contact).is_none();
    vec![
        if name.is_empty() {
            Vec::new()
        } else {
            with(&emails, &name)
        },
        emails,
        with(&phones, &name),
        if has_one_name {
            with(&phones, &given)
        } else {
            Vec::new()
        },
    ]
}

/// The last name, unless it only repeats what stands elsewhere because the CRM demands one.
pub(super) fn family_of(contact: &ContactRecord) -> Option<&str> {
    let family = contact.family_name.as_str();
    let mut emails = contact.values(Family::Email);
    let repeats = family == contact.given_name || emails.any(|(_, email)| email == family);
    (!family.is_empty() && !repeats).then_some(family)
}

/// The end of a phone number; `None` of a short one, which is an extension or an emergency number.
fn ending(phone: &str) -> Option<String> {
    let mut digits = phone_key(phone);
    digits.retain(|c| c.is_ascii_digit());
    let from = digits.len().checked_sub(PHONE_DIGITS)?;
    Some(digits.split_off(from))
}
