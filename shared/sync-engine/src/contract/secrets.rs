//! The laws of [`Secrets`].

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use sync_core::port::{SECRET_BYTES_MAX, SecretText, Secrets, SecretsFailure};

/// Runs every law over one keeper. Nothing may be kept in it under `contract/`.
pub async fn run(secrets: Arc<dyn Secrets>) {
    let secrets = secrets.as_ref();
    what_is_put_is_read(secrets).await;
    the_last_value_stands(secrets).await;
    deleting_is_for_good_and_may_be_repeated(secrets).await;
    a_deleted_name_can_be_used_again(secrets).await;
    names_do_not_touch_each_other(secrets).await;
    names_and_values_beyond_the_limits_are_refused(secrets).await;
    the_greatest_value_fits(secrets).await;
    nothing_shows_a_value(secrets).await;
}

async fn read(secrets: &dyn Secrets, name: &str) -> Option<String> {
    secrets
        .get(name)
        .await
        .unwrap()
        .map(|value| value.expose_secret().to_owned())
}

async fn put(secrets: &dyn Secrets, name: &str, value: &str) {
    secrets.put(name, &SecretText::from(value)).await.unwrap();
}

async fn what_is_put_is_read(secrets: &dyn Secrets) {
    assert_eq!(read(secrets, "contract/none").await, None);
    for (name, value) in [
        ("contract/plain", "a value"),
        ("contract/link/acme/42", "{\"refresh_token\":\"1//0a-_b\"}"),
        ("contract/A-Z_a+z=0.9@x", "naïve 😀 \u{0} \n end"),
    ] {
        put(secrets, name, value).await;
        assert_eq!(read(secrets, name).await.as_deref(), Some(value), "{name}");
    }
}

async fn the_last_value_stands(secrets: &dyn Secrets) {
    for value in ["first", "second", "second", "first"] {
        put(secrets, "contract/over", value).await;
        assert_eq!(read(secrets, "contract/over").await.as_deref(), Some(value));
    }
}

async fn deleting_is_for_good_and_may_be_repeated(secrets: &dyn Secrets) {
    secrets.delete("contract/never").await.unwrap();
    put(secrets, "contract/gone", "value").await;
    secrets.delete("contract/gone").await.unwrap();
    assert_eq!(read(secrets, "contract/gone").await, None);
    secrets.delete("contract/gone").await.unwrap();
}

async fn a_deleted_name_can_be_used_again(secrets: &dyn Secrets) {
    for value in ["one", "two"] {
        put(secrets, "contract/again", value).await;
        assert_eq!(read(secrets, "contract/again").await.as_deref(), Some(value));
        secrets.delete("contract/again").await.unwrap();
        assert_eq!(read(secrets, "contract/again").await, None);
    }
}

async fn names_do_not_touch_each_other(secrets: &dyn Secrets) {
    let names = [
        "contract/n",
        "contract/n/1",
        "contract/n/11",
        "contract/N",
        "contract/n-AbCdEf",
    ];
    for name in names {
        put(secrets, name, name).await;
    }
    secrets.delete("contract/n/1").await.unwrap();
    for name in names {
        let expected = (name != "contract/n/1").then_some(name);
        assert_eq!(read(secrets, name).await.as_deref(), expected, "{name}");
    }
}

async fn names_and_values_beyond_the_limits_are_refused(secrets: &dyn Secrets) {
    let value = SecretText::from("value");
    for name in [
        "",
        "has space",
        "ünïcode",
        "star*",
        "colon:",
        "new\nline",
        &"x".repeat(401),
    ] {
        assert!(
            matches!(secrets.put(name, &value).await, Err(SecretsFailure::Refused(_))),
            "{name:?}"
        );
        assert!(
            matches!(secrets.get(name).await, Err(SecretsFailure::Refused(_))),
            "{name:?}"
        );
        assert!(
            matches!(secrets.delete(name).await, Err(SecretsFailure::Refused(_))),
            "{name:?}"
        );
    }
    for value in [String::new(), "x".repeat(SECRET_BYTES_MAX + 1)] {
        let failure = secrets
            .put("contract/size", &SecretText::from(value))
            .await
            .unwrap_err();
        assert!(matches!(failure, SecretsFailure::Refused(_)));
    }
    assert_eq!(read(secrets, "contract/size").await, None);
}

async fn the_greatest_value_fits(secrets: &dyn Secrets) {
    let value = "é".repeat(SECRET_BYTES_MAX / 2);
    put(secrets, "contract/great", &value).await;
    assert_eq!(read(secrets, "contract/great").await, Some(value));
}

async fn nothing_shows_a_value(secrets: &dyn Secrets) {
    put(secrets, "contract/shown", "seldom-seen-text").await;
    let value = secrets.get("contract/shown").await.unwrap();
    assert!(!format!("{secrets:?} {value:?}").contains("seldom-seen-text"));
}
