//! What people upload, and what they are told.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{CLIENT_FILE_BYTES_MAX, read_client_file};

const REDIRECT: &str = "https://sync.example.com/oauth/google/callback";

fn file() -> Value {
    json!({ "web": {
        "client_id": "1-a.apps.googleusercontent.com", "project_id": "p", "client_secret": "hidden-secret",
        "auth_uri": "https://elsewhere.example.net/auth", "token_uri": "https://elsewhere.example.net/token",
        "redirect_uris": ["https://other.example.com/", REDIRECT],
    } })
}

fn without(field: &str) -> Value {
    let mut file = file();
    file["web"].as_object_mut().unwrap().remove(field);
    file
}

fn fields(bytes: &[u8]) -> Vec<String> {
    let errors = read_client_file(bytes, REDIRECT).unwrap_err();
    assert!(
        errors
            .iter()
            .all(|error| !error.message.contains("hidden-secret")),
        "{errors:?}"
    );
    errors.into_iter().map(|error| error.field).collect()
}

#[test]
fn the_consoles_file_and_the_short_form_are_taken() {
    let short = json!({ "client_id": "1-a.apps.googleusercontent.com", "client_secret": "hidden-secret" });
    for (text, what) in [
        (file().to_string(), "as it is"),
        (format!("\u{feff}{}\r\n", file()), "with a byte order mark"),
        (short.to_string(), "short"),
    ] {
        let client = read_client_file(text.as_bytes(), REDIRECT).unwrap();
        assert_eq!(client.client_id, "1-a.apps.googleusercontent.com", "{what}");
        assert_eq!(client.client_secret.expose_secret(), "hidden-secret", "{what}");
        assert!(!format!("{client:?}").contains("hidden-secret"), "{what}");
    }
}

#[test]
fn every_other_file_is_refused_by_its_field() {
    let mut elsewhere = file();
    elsewhere["web"]["redirect_uris"] = json!([format!("{REDIRECT}/")]);
    let mut copied = file();
    copied["web"]["client_secret"] = json!("hidden-secret ");
    for (content, expected) in [
        ("not json".to_owned(), vec![""]),
        (String::new(), vec![""]),
        ("[]".to_owned(), vec![""]),
        ("{}".to_owned(), vec!["web"]),
        (json!({ "web": 1 }).to_string(), vec!["web"]),
        (
            json!({ "installed": file()["web"] }).to_string(),
            vec!["installed"],
        ),
        (
            json!({ "type": "service_account", "client_id": "1", "private_key": "x" }).to_string(),
            vec!["type"],
        ),
        (without("client_id").to_string(), vec!["web.client_id"]),
        (without("client_secret").to_string(), vec!["web.client_secret"]),
        (without("redirect_uris").to_string(), vec!["web.redirect_uris"]),
        (elsewhere.to_string(), vec!["web.redirect_uris"]),
        (copied.to_string(), vec!["web.client_secret"]),
        (
            json!({ "web": {} }).to_string(),
            vec!["web.client_id", "web.client_secret", "web.redirect_uris"],
        ),
        (json!({ "client_id": "1" }).to_string(), vec!["client_secret"]),
        (
            json!({ "client_id": 1, "client_secret": "" }).to_string(),
            vec!["client_id", "client_secret"],
        ),
        (" ".repeat(CLIENT_FILE_BYTES_MAX + 1), vec![""]),
    ] {
        assert_eq!(fields(content.as_bytes()), expected, "{content:.80}");
    }
}
