//! An answer of an administration call.

use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// `null` where it is not JSON.
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let text = response.text().await.unwrap();
        Self {
            status,
            content_type,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// The JSON body of an answer that all is well.
    pub(crate) fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The fields at fault of a problem that is complete: type, title, detail, and the right content type.
    pub(crate) fn fields_at_fault(&self) -> Vec<String> {
        self.assert_problem();
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        for error in &errors {
            assert!(
                error["message"].as_str().is_some_and(|text| !text.is_empty()),
                "{self:?}"
            );
        }
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }

    /// It is a problem as the interface describes it.
    pub(crate) fn assert_problem(&self) {
        assert!(self.status >= 400, "{self:?}");
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        for name in ["type", "title", "detail"] {
            assert!(
                self.body[name].as_str().is_some_and(|text| !text.is_empty()),
                "no {name} in {self:?}"
            );
        }
    }
}
