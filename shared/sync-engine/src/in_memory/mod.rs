//! The doors held in memory: the semantics and limits of the real ones, without a disk or a network.
//!
//! They are what simulations run on, and the model that the contract suites compare every other
//! implementation with.

mod schedules;
mod secrets;
mod store;

pub use schedules::{InMemorySchedules, RecurringRun, SingleRun};
pub use secrets::InMemorySecrets;
pub use store::InMemoryStore;

#[cfg(all(test, feature = "contract"))]
mod tests;
