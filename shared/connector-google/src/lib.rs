//! connector-google
