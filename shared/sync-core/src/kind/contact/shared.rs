//! What of a contact's values both sides can hold.

use super::normal::{AddressChars, shared_address};
use super::{ContactField, ContactLimits, Family, Value, email_key, phone_key, website_key};
use crate::kind::Fingerprint;
use crate::kind::event::reduced;
use crate::side::PerSide;

/// The fingerprint of what of a value both sides can hold that have the field.
pub(super) fn fingerprint(
    field: ContactField,
    value: Value<'_>,
    limits: PerSide<&ContactLimits>,
) -> Fingerprint {
    let sides = [limits.crm, limits.google];
    let four_bytes = sides.iter().all(|side| side.four_byte_characters);
    match value {
        Value::Text(text) => Fingerprint::of(&match field.family() {
            Some(Family::Email) => email_key(text),
            Some(Family::Phone) => phone_key(text),
            Some(Family::Website) => website_key(text),
            Some(Family::Address) | None => {
                let chars = sides.iter().filter_map(|side| side.chars.get(&field).copied());
                let bytes = sides.iter().filter_map(|side| side.notes_bytes);
                let bytes = bytes.filter(|_| field == ContactField::Notes).min();
                reduced(text, chars.min(), bytes, four_bytes)
            }
        }),
        Value::Address(address) => {
            let chars: [&AddressChars; 2] = sides.map(|side| &side.address_chars);
            Fingerprint::of(&shared_address(address, chars, four_bytes).join("\u{1f}"))
        }
        Value::Birthday(birthday) => {
            let without_year = sides.iter().all(|side| side.birthday_without_year);
            let held = birthday.filter(|birthday| without_year || birthday.year().is_some());
            held.map_or(Fingerprint::of_nothing(), Fingerprint::of_written)
        }
        Value::Flag(flag) => Fingerprint::of_flag(flag),
    }
}
