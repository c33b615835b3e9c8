//! Tests of the way out, against loopback servers that say exactly what each test tells them.

mod client;
mod guard;
mod lane;
mod oauth;
mod pacer;
mod scripted;

use std::sync::Arc;

use sync_core::port::Entropy;

/// Randomness without surprises: always the same byte.
#[derive(Debug)]
struct Steady(u8);

impl Entropy for Steady {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn steady() -> Arc<dyn Entropy> {
    Arc::new(Steady(0))
}

fn get(url: &str) -> http::Request<Vec<u8>> {
    http::Request::get(url).body(Vec::new()).unwrap()
}

fn post(url: &str, body: &str) -> http::Request<Vec<u8>> {
    http::Request::post(url).body(body.as_bytes().to_vec()).unwrap()
}
