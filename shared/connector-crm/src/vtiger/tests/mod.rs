//! Tests of the Vtiger connection that need no site: what is sent and understood, piece by piece.

mod contacts;
mod convert;
mod failure;
mod known;
mod login;
mod sweeps;
mod tasks;
mod wire;
