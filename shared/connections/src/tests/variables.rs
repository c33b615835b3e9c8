//! Environment variables that all functions read alike.

use crate::TokenStorage;
use crate::variables::{allow_private_crm, google_endpoints, token_storage};

#[test]
fn each_address_is_replaced_by_its_own_variable_alone() {
    let own = google_endpoints(|_| None);
    let names = [
        "AUTH", "TOKEN", "REVOKE", "USERINFO", "CALENDAR", "TASKS", "PEOPLE",
    ];
    for (at, replaced) in names.iter().enumerate() {
        let name = format!("GOOGLE_{replaced}_URL");
        let given =
            google_endpoints(|variable| (variable == name).then(|| " http://127.0.0.1:1/x/ ".to_owned()));
        let fields = |endpoints: &connector_google::endpoints::GoogleEndpoints| {
            [
                endpoints.auth.clone(),
                endpoints.token.clone(),
                endpoints.revoke.clone(),
                endpoints.userinfo.clone(),
                endpoints.calendar.clone(),
                endpoints.tasks.clone(),
                endpoints.people.clone(),
            ]
        };
        let mut expected = fields(&own);
        "http://127.0.0.1:1/x".clone_into(&mut expected[at]);
        assert_eq!(fields(&given), expected);
    }
    assert_eq!(google_endpoints(|_| Some(" ".to_owned())), own);
}

#[test]
fn only_the_words_that_mean_something_are_taken() {
    let variable = |text: &'static str| move |_: &str| (!text.is_empty()).then(|| text.to_owned());
    assert_eq!(token_storage(variable("")), Ok(TokenStorage::SecretsManager));
    assert_eq!(token_storage(variable("sealed")), Ok(TokenStorage::Sealed));
    assert_eq!(
        token_storage(variable("Sealed")).unwrap_err().field,
        "TOKEN_STORAGE"
    );
    for unset in [true, false] {
        assert_eq!(allow_private_crm(variable(""), unset), Ok(unset));
        assert_eq!(allow_private_crm(variable("true"), unset), Ok(true));
        assert_eq!(allow_private_crm(variable("false"), unset), Ok(false));
        assert!(allow_private_crm(variable("1"), unset).is_err());
    }
}
