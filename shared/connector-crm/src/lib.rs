//! The CRM's side of the sync: one folder a CRM, and one list of them.
//!
//! | module | holds |
//! |---|---|
//! | [`crm`] | what every CRM connection offers: its events, its users, a check of its set-up |
//! | [`registry`] | the one list of CRM kinds: their names, their credentials, how they are opened |
//! | [`suitecrm`] | SuiteCRM 7.x, and 8.x through its legacy API |
//! | [`vtiger`] | Vtiger 7.x and 8.x, and its family |
//!
//! Only [`registry::open`] knows which CRM it makes; everybody else holds a `Box<dyn CrmConnection>`. A CRM folder
//! never imports another: what two of them need lies beside them here (`address`, `day`, `earliest`, `sessions`, `text`, `writers`) or goes down to
//! `connector-http`.
//!
//! A CRM is added with a folder here, a line in the registry, a simulator under `tests/`, and hands with which people act
//! on that one: the laws of the door (`sync_engine::contract::remote`) hold every CRM of the registry, in
//! `tests/simulated`, and say what is still wrong with it.

mod address;
pub mod crm;
mod day;
mod earliest;
mod finding;
pub mod registry;
mod sessions;
pub mod suitecrm;
mod text;
pub mod vtiger;
mod writers;
