//! Nothing is here: this package holds the scenarios (`tests/e2e/`) and the house rules (`tidy.rs`).
