//! The SDK's requests over the one HTTP client: one TLS stack, one pool of connections.

use aws_smithy_runtime_api::client::http::{
    HttpClient as SdkHttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use connector_http::client::{HttpClient, HttpFailure};
use http::header::{ACCEPT_ENCODING, HeaderValue};

/// Sends what the SDK has signed.
///
/// The settings that the SDK would hand over are not looked at: the client has its own time to connect, and the time
/// for an answer is kept by the SDK's `TimeoutConfig`.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    http: HttpClient,
}

impl Connector {
    pub(crate) fn new(http: HttpClient) -> Self {
        Self { http }
    }
}

impl SdkHttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.http.clone();
        HttpConnectorFuture::new(async move {
            let answer = http
                .send(plain(request)?)
                .await
                .map_err(|failure| told(&failure))?;
            let mut response = http::Response::new(SdkBody::from(answer.body));
            *response.status_mut() = http::StatusCode::from_u16(answer.status)
                .map_err(|error| ConnectorError::other(error.into(), None))?;
            *response.headers_mut() = answer.headers;
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The request with its body in memory, where all bodies of these three services are.
fn plain(request: HttpRequest) -> Result<http::Request<Vec<u8>>, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (mut parts, body) = request.into_parts();
    // Compressed answers would save little and cost a small function its time.
    parts
        .headers
        .entry(ACCEPT_ENCODING)
        .or_insert(HeaderValue::from_static("identity"));
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("a streamed body".into()))?
        .to_vec();
    Ok(http::Request::from_parts(parts, body))
}

/// Tells the SDK what happened in the words that decide whether it tries again.
fn told(failure: &HttpFailure) -> ConnectorError {
    let source = Box::new(*failure);
    match failure {
        HttpFailure::Timeout => ConnectorError::timeout(source),
        HttpFailure::Connect | HttpFailure::Cut => ConnectorError::io(source),
        HttpFailure::Address(_) | HttpFailure::TooLarge | HttpFailure::Other(_) => {
            ConnectorError::other(source, None)
        }
    }
}
