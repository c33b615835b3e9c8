//! Simulated servers over real HTTP on the loopback address: Google on one side, CRMs on the other.
//!
//! They stand in for servers that a build machine cannot reach, and are meant to be at least as hard to please
//! as those: a simulator kinder than the real server is a defect. Tests, benchmarks and the demo drive them.
//!
//! # Architecture
//!
//! - [`front`](crate::Traffic) — one loopback server for both: request log and counters ([`Traffic`]), faults
//!   ([`Faults`]), latency, the `Date` header from the simulator's own clock ([`SimClock`]). A request that the
//!   faults let through reaches a plain function from request to answer.
//! - [`google`] — OAuth 2 with its consent page, and Calendar v3, held to the published API description.
//! - [`crm::suitecrm`] — SuiteCRM 7.x: token endpoint and the V8 JSON API with its measured traps.
//! - [`crm::vtiger`] — Vtiger 8.2 and 8.4: the web service with its measured traps, one switch for both releases.
//!
//! Each simulator is a handle: clones share the same server, and it ends with the last of them or at `stop`.
//! Beside the HTTP side, a handle has hands of its own: people who edit on either side (`person`), snapshots of
//! everything stored, and seeds.
//!
//! # Start
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim};
//! use simulators::google::{GoogleOptions, GoogleSim};
//!
//! let google = GoogleSim::start(GoogleOptions::default()).await?;
//! let crm = SuiteCrmSim::start(SuiteCrmOptions::default()).await?;
//! google.seed_sample();
//! crm.seed_sample();
//! assert!(google.calendar_url().starts_with(google.base_url()));
//! assert_eq!(crm.traffic().calls(), 0);
//! # Ok(())
//! # }
//! ```

mod clock;
pub mod crm;
mod front;
pub mod google;
mod jwt;
#[cfg(test)]
mod tests;

pub use clock::SimClock;
pub use front::{Fault, FaultRule, Faults, Logged, Traffic, When};
