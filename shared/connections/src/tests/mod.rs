//! Tokens, secrets and what is remembered, against a token server on the loopback address.

mod registered;
mod setting;
mod tokens;
mod variables;
mod vault;
mod zone;
