//! Bodies as JSON text with a schema number.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sync_core::port::StoreFailure;

/// The schema this version writes. A reader refuses a newer one, so that an older version never rewrites what
/// it does not understand.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a, T> {
    schema: u32,
    value: &'a T,
}

#[derive(Deserialize)]
struct Opened<T> {
    value: T,
}

#[derive(Deserialize)]
struct Stamp {
    schema: u32,
}

pub(super) fn encode<T: Serialize>(value: &T) -> Result<String, StoreFailure> {
    serde_json::to_string(&Envelope {
        schema: SCHEMA,
        value,
    })
    .map_err(|error| StoreFailure::Refused(format!("a value could not be written as JSON: {error}")))
}

pub(super) fn decode<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreFailure> {
    let unreadable = |error: serde_json::Error| {
        StoreFailure::Refused(format!(
            "the stored {what} cannot be read (line {})",
            error.line()
        ))
    };
    let stamp: Stamp = serde_json::from_str(text).map_err(unreadable)?;
    if stamp.schema > SCHEMA {
        return Err(StoreFailure::Refused(format!(
            "the stored {what} was written by a newer version (schema {}); update this one",
            stamp.schema
        )));
    }
    serde_json::from_str::<Opened<T>>(text)
        .map(|opened| opened.value)
        .map_err(unreadable)
}
