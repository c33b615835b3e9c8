//! What the token endpoint's answers mean.

use oauth2::basic::BasicClient;
use oauth2::{ClientId, RefreshToken, TokenUrl};
use sync_core::failure::{Class, Failure};

use super::scripted::{Scripted, answer};
use crate::client::HttpClient;
use crate::oauth::{OauthFailure, OauthTransport};

async fn refreshed(prepared: &str) -> Result<(), Failure> {
    let server = Scripted::start(&[prepared]).await;
    BasicClient::new(ClientId::new("client".to_owned()))
        .set_token_uri(TokenUrl::new(server.url.clone()).unwrap())
        .exchange_refresh_token(&RefreshToken::new("hidden-token".to_owned()))
        .request_async(&OauthTransport::new(HttpClient::unguarded().unwrap()))
        .await
        .map(|_| ())
        .map_err(|error| OauthFailure::from(error).into())
}

#[tokio::test]
async fn only_the_token_endpoint_itself_ends_a_grant() {
    let json = "content-type: application/json\r\n";
    let grant = "{\"error\":\"invalid_grant\",\"error_description\":\"hidden-token\"}";
    let table = [
        (answer("400 Bad Request", json, grant), "invalid_grant"),
        (
            answer("401 Unauthorized", json, "{\"error\":\"invalid_client\"}"),
            "invalid_client",
        ),
        (
            answer("400 Bad Request", json, "{\"error\":\"redirect_uri_mismatch\"}"),
            "redirect_uri_mismatch",
        ),
        (
            answer("403 Forbidden", json, "{\"error\":\"something_new\"}"),
            "oauth_refused",
        ),
        // However much a failing server's body may look like a refusal.
        (answer("500 Internal Server Error", json, grant), "sign_in_away"),
        (answer("503 Service Unavailable", json, grant), "sign_in_away"),
        (answer("429 Too Many Requests", json, grant), "sign_in_away"),
        (
            answer("400 Bad Request", "", "<html>hidden-token</html>"),
            "sign_in_nonsense",
        ),
        (answer("200 OK", json, "{\"access_token\":"), "sign_in_nonsense"),
        (
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 90\r\n\r\n{\"error\":\"invalid_grant\"".to_owned(),
            "connection_cut",
        ),
    ];
    for (prepared, code) in table {
        let failure = refreshed(&prepared).await.unwrap_err();
        assert_eq!(failure.code, code, "{prepared}");
        assert_eq!(
            failure.class == Class::Reauth,
            code == "invalid_grant",
            "{prepared}"
        );
        assert!(
            !format!("{failure} {failure:?}").contains("hidden-token"),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_token_is_a_token() {
    let body = "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":3599}";
    assert_eq!(
        refreshed(&answer("200 OK", "content-type: application/json\r\n", body)).await,
        Ok(())
    );
}
