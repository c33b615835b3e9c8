//! Tests of the SuiteCRM connection.

mod convert;
mod failure;
mod login;
