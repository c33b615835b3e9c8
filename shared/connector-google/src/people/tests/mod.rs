//! Tests of contacts: odd answers from a scripted server, everything else against the simulated Google, which holds each
//! request against the published API description.

mod google;
mod labels;
mod odd;
mod simulated;
mod slots;
mod together;
mod writes;
