//! connector-crm
