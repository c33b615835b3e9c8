//! Tests of the SuiteCRM connection.
//!
//! Pure ones beside a few that need a site: `site` is a small one over loopback HTTP whose odd habits can be switched
//! on one by one.

mod check;
mod contacts;
mod events;
mod failure;
mod login;
mod read;
mod site;
mod sweeps;
mod tasks;
mod users;
mod write;

use serde_json::Value;

use super::wire::{Attributes, Resource};

/// A record as the CRM shows it.
fn resource(attributes: Value) -> Resource {
    let Value::Object(attributes) = attributes else {
        panic!("no map")
    };
    Resource {
        id: "0000000a-aaaa-4bbb-8ccc-000000000001".to_owned(),
        attributes: Attributes(attributes),
        chosen: false,
    }
}
