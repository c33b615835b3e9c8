//! The doors on AWS, against an emulator of it: the contract suites, lost and refused answers, and what is sent.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod lost_answers;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod secrets;
