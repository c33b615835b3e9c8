//! What can be done, once for the calls and the pages.

pub(crate) mod client_check;
pub(crate) mod consent;
pub(crate) mod crms;
pub(crate) mod google_client;
pub(crate) mod grants;
pub(crate) mod link_keys;
pub(crate) mod linking;
pub(crate) mod links;
pub(crate) mod tries;
