//! Laws of the link token, and what an attacker would try.

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CRM: &str = "acme";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn key() -> SecretText {
    SecretText::from("a key of at least thirty-two bytes, as it is shown")
}

fn claims() -> Claims {
    Claims {
        iss: CRM.to_owned(),
        sub: "user-1".to_owned(),
        iat: now().timestamp(),
        exp: now().timestamp() + 300,
        jti: "once".to_owned(),
        email: None,
        name: None,
        locale: None,
        return_url: None,
    }
}

fn signed(claims: &Claims) -> String {
    sign(claims, "kid-1", &key()).unwrap()
}

/// A token with a header and claims of any kind, signed with our key.
fn forged(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, key().expose_secret().as_bytes()),
        message.as_bytes(),
    );
    format!("{message}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
}

proptest! {
    #[test]
    fn what_a_crm_signs_is_read_as_it_was_said(
        sub in "[a-zA-Z0-9 _.-]{1,60}[a-z]", jti in "[a-z0-9-]{1,40}", age in 0_i64..300, left in 1_i64..300,
        email in proptest::option::of("[a-z]{1,8}@example\\.com"), name in proptest::option::of("\\PC{0,30}"),
    ) {
        let claims = Claims {
            sub, jti, email, name, iat: now().timestamp() - age, exp: now().timestamp() + left, ..claims()
        };
        let token = signed(&claims);
        prop_assert_eq!(key_id(&token).unwrap(), "kid-1");
        prop_assert_eq!(verify(&token, &key(), CRM, now()).unwrap(), claims);
    }

    #[test]
    fn no_byte_of_a_token_can_be_changed(at in any::<prop::sample::Index>(), new in "[A-Za-z0-9._-]") {
        let token = signed(&claims());
        let at = at.index(token.len());
        let mut bytes = token.into_bytes();
        let new = new.into_bytes()[0];
        prop_assume!(bytes[at] != new);
        bytes[at] = new;
        let altered = String::from_utf8(bytes).unwrap();
        let read = key_id(&altered).and_then(|_| verify(&altered, &key(), CRM, now()));
        // The last character of a part carries bits that mean nothing; a strict reader refuses those too.
        prop_assert!(read.is_err());
    }

    #[test]
    fn any_text_at_all_is_answered_without_a_panic(text in "\\PC{0,200}") {
        prop_assert!(key_id(&text).is_err());
        prop_assert!(verify(&text, &key(), CRM, now()).is_err());
    }

    #[test]
    fn a_token_is_good_from_a_minute_before_it_was_made_to_its_end_and_ten_minutes_at_most(
        made in -1200_i64..1200, lives in -700_i64..1400,
    ) {
        let claims = Claims { iat: now().timestamp() + made, exp: now().timestamp() + made + lives, ..claims() };
        let good = made <= 60 && made + lives > 0 && (0..=600).contains(&lives);
        prop_assert_eq!(verify(&signed(&claims), &key(), CRM, now()).is_ok(), good);
    }
}

#[test]
fn only_hs256_is_taken() {
    let claims = json!({ "iss": CRM, "sub": "u", "jti": "j", "iat": now().timestamp(), "exp": now().timestamp() + 60 });
    assert!(
        verify(
            &forged(&json!({ "alg": "HS256", "kid": "k" }), &claims),
            &key(),
            CRM,
            now()
        )
        .is_ok()
    );
    for algorithm in [
        "none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", "",
    ] {
        let token = forged(&json!({ "alg": algorithm, "kid": "k" }), &claims);
        assert_eq!(key_id(&token), Err(TokenRefusal::Form), "{algorithm}");
        assert!(verify(&token, &key(), CRM, now()).is_err(), "{algorithm}");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(verify(&unsigned, &key(), CRM, now()).is_err(), "{algorithm}");
    }
}

#[test]
fn a_header_that_names_no_key_or_rules_we_do_not_know_is_refused() {
    let claims = json!({});
    for header in [
        json!({ "alg": "HS256" }),
        json!({ "alg": "HS256", "kid": "" }),
        json!({ "alg": "HS256", "kid": "k", "crit": ["b64"] }),
    ] {
        assert_eq!(
            key_id(&forged(&header, &claims)),
            Err(TokenRefusal::Form),
            "{header}"
        );
    }
}

#[test]
fn each_refusal_has_its_reason() {
    let told = |claims: &Claims| verify(&signed(claims), &key(), CRM, now()).unwrap_err();
    assert_eq!(
        told(&Claims {
            iss: "other".to_owned(),
            ..claims()
        }),
        TokenRefusal::Issuer
    );
    assert_eq!(
        told(&Claims {
            sub: " ".to_owned(),
            ..claims()
        }),
        TokenRefusal::Form
    );
    assert_eq!(
        told(&Claims {
            sub: "x".repeat(201),
            ..claims()
        }),
        TokenRefusal::Form
    );
    assert_eq!(
        told(&Claims {
            sub: "a\nb".to_owned(),
            ..claims()
        }),
        TokenRefusal::Form
    );
    assert_eq!(
        told(&Claims {
            jti: String::new(),
            ..claims()
        }),
        TokenRefusal::Form
    );
    assert_eq!(
        told(&Claims {
            exp: now().timestamp(),
            ..claims()
        }),
        TokenRefusal::Expired
    );
    assert_eq!(
        told(&Claims {
            exp: now().timestamp() + 601,
            ..claims()
        }),
        TokenRefusal::Lifetime
    );
    let other = SecretText::from("another key of at least thirty-two bytes");
    assert_eq!(
        verify(&signed(&claims()), &other, CRM, now()),
        Err(TokenRefusal::Signature)
    );
    assert_eq!(key_id(&"a".repeat(5000)), Err(TokenRefusal::Form));
}

#[test]
fn a_missing_claim_is_refused_and_a_fraction_of_a_second_is_not() {
    let header = json!({ "alg": "HS256", "kid": "k" });
    let whole = json!({ "iss": CRM, "sub": "u", "jti": "j", "iat": now().timestamp(), "exp": now().timestamp() + 60, "aud": "x" });
    for name in ["iss", "sub", "jti", "iat", "exp"] {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(name);
        assert_eq!(
            verify(&forged(&header, &part), &key(), CRM, now()),
            Err(TokenRefusal::Form),
            "{name}"
        );
    }
    let mut fraction = whole;
    fraction["iat"] = json!(1_789_999_999.25);
    assert_eq!(
        verify(&forged(&header, &fraction), &key(), CRM, now())
            .unwrap()
            .iat,
        1_789_999_999
    );
}
