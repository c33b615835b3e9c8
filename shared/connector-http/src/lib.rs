//! The one way out: HTTP client, address guard, retries, pacing, OAuth 2, tokens.
//!
//! | module | holds |
//! |---|---|
//! | [`client`] | one client for everything: TLS roots, time limits, body limit, failures without secrets |
//! | [`guard`] | which addresses a customer's CRM may have |
//! | [`lane`] | one side's way out for one run: counting, concurrency, pace, repeats |
//! | [`pacer`] | an exact sliding window of calls |
//! | [`bearer`], [`token`] | calls under an access token, and where such tokens come from |
//! | [`oauth`] | the OAuth 2 client library over our HTTP client |
//!
//! No other crate brings in an HTTP client or TLS.

pub mod bearer;
pub mod client;
pub mod guard;
pub mod lane;
pub mod oauth;
pub mod pacer;
pub mod token;

#[cfg(test)]
mod tests;
