//! What both simulators stand behind: the socket, the request log, the counters, the faults, the latency.
//!
//! A simulated server is a [`Service`]: a plain function from a request to an answer. Everything that a network
//! and an overloaded machine do to requests and answers happens here, once, for both.

mod fault;
mod line;
mod message;
mod serve;
mod traffic;

pub use fault::{Fault, FaultRule, Faults, When};
pub(crate) use message::{Answer, Request};
pub(crate) use serve::{Front, Server, Service, start};
pub use traffic::{Logged, Traffic};
