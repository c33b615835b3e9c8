//! The one way out: HTTP client, address guard, retries, pacing, OAuth 2, tokens.

pub mod token;
