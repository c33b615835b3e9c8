//! Laws of sealing.

use proptest::prelude::*;

use super::{SealError, Sealer, key_text, parse_key};

proptest! {
    #[test]
    fn what_is_sealed_opens_again(key: [u8; 32], place: String, plain: Vec<u8>, nonce: [u8; 24]) {
        let sealer = Sealer::new(key);
        let sealed = sealer.seal(&place, &plain, nonce);
        let opened = sealer.open(&place, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
    }

    #[test]
    fn another_key_does_not_open_it(key: [u8; 32], bit in 0_usize..256, place: String, plain: Vec<u8>, nonce: [u8; 24]) {
        let sealed = Sealer::new(key).seal(&place, &plain, nonce);
        let mut other = key;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(Sealer::new(other).open(&place, &sealed).unwrap_err(), SealError::Refused);
    }

    #[test]
    fn another_place_does_not_open_it(key: [u8; 32], place: String, other: String, plain: Vec<u8>, nonce: [u8; 24]) {
        prop_assume!(place != other);
        let sealer = Sealer::new(key);
        let sealed = sealer.seal(&place, &plain, nonce);
        prop_assert_eq!(sealer.open(&other, &sealed).unwrap_err(), SealError::Refused);
    }

    #[test]
    fn any_altered_byte_of_the_text_is_noticed(
        key: [u8; 32], plain: Vec<u8>, nonce: [u8; 24], at: prop::sample::Index, new in 0_u8..128,
    ) {
        let sealer = Sealer::new(key);
        let sealed = sealer.seal("place", &plain, nonce);
        let mut bytes = sealed.into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != new);
        bytes[at] = new;
        let altered = String::from_utf8(bytes).unwrap();
        prop_assert!(sealer.open("place", &altered).is_err());
    }

    #[test]
    fn a_cut_text_is_noticed(key: [u8; 32], plain: Vec<u8>, nonce: [u8; 24], at: prop::sample::Index) {
        let sealer = Sealer::new(key);
        let sealed = sealer.seal("place", &plain, nonce);
        let cut: String = sealed.chars().take(at.index(sealed.len())).collect();
        prop_assert!(sealer.open("place", &cut).is_err());
    }

    #[test]
    fn any_text_at_all_is_answered_without_a_panic(key: [u8; 32], text: String) {
        let sealer = Sealer::new(key);
        prop_assert!(sealer.open("place", &text).is_err());
        let prefixed = format!("v1.{text}");
        prop_assert!(sealer.open("place", &prefixed).is_err());
    }

    #[test]
    fn a_key_survives_as_text(key: [u8; 32]) {
        let text = key_text(&key);
        prop_assert_eq!(*parse_key(&format!(" {}\n", *text)).unwrap(), key);
    }

    #[test]
    fn neither_key_nor_plain_text_can_be_seen(key in prop::array::uniform32(1_u8..), nonce: [u8; 24]) {
        let sealer = Sealer::new(key);
        let sealed = sealer.seal("place", b"the plain text of a token", nonce);
        prop_assert!(!sealed.contains("plain"));
        prop_assert_eq!(format!("{sealer:?}"), "Sealer(key not shown)");
    }
}

#[test]
fn a_key_of_another_length_is_refused() {
    for text in [
        "",
        "AAAA",
        "not base64url at all!",
        &"A".repeat(42),
        &"A".repeat(44),
        &"A".repeat(86),
    ] {
        assert_eq!(parse_key(text).unwrap_err(), SealError::Key, "{text:?}");
    }
}

/// The first sealed text ever written must open for as long as `v1.` is read. It was compared with what libsodium
/// makes of the same key, nonce and texts.
#[test]
fn the_stored_form_stays_readable() {
    let sealer = Sealer::new([7; 32]);
    let written = sealer.seal("link/acme/42", b"a refresh token", [1; 24]);
    assert_eq!(written, FIRST_FORM);
    assert_eq!(
        sealer.open("link/acme/42", FIRST_FORM).unwrap().as_slice(),
        b"a refresh token"
    );
}

const FIRST_FORM: &str = "v1.AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB0FRxKK-eiOxVy-PsTG45OrT7-Ie7uCvbQQAbuzmwPA";
