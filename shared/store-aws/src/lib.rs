//! Remembers on AWS: rows in one DynamoDB table, secrets in Secrets Manager, clockwork by EventBridge Scheduler.
//!
//! | module | holds |
//! |---|---|
//! | `config` | [`AwsConfig`], the values that the functions read from their environment, and [`Aws`], which makes the doors |
//! | `connector` | the SDK's requests, sent by the one HTTP client that everything else uses |
//! | `failure` | the SDK's errors as failures of the doors, with codes and without payloads |
//! | `repeat` | pauses between tries |
//! | `dynamo` | [`DynamoStore`] |
//! | `secrets` | [`SecretsManagerSecrets`] |
//! | `schedules` | [`EventBridgeSchedules`] |
//!
//! Three kinds of tries stand behind each call. The SDK repeats what got no answer or was throttled; `dynamo` and
//! `secrets` repeat what met another writer; everything else is the caller's. A write whose answer was lost and that
//! the SDK repeats must not be taken for somebody else's: each file that writes says how it recognises it.
//!
//! The SDK's own errors show whole answers in their `Debug`; none leaves this crate.

mod config;
mod connector;
mod dynamo;
mod failure;
mod repeat;
mod schedules;
mod secrets;

pub use config::{Aws, AwsConfig};
pub use dynamo::DynamoStore;
pub use schedules::EventBridgeSchedules;
pub use secrets::SecretsManagerSecrets;
