//! The CRM side, one folder for each CRM.

pub mod suitecrm;
pub mod vtiger;
