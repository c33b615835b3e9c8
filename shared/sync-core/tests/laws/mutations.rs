//! Planners broken on purpose: for each law at least one that the suite catches.

use proptest::strategy::Strategy;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::mutation::{Mutation, with};

use crate::histories::comes_to_rest;
use crate::history::history;
use crate::plans::{clocks_matter_little, cut, many, reports_may_be_cut, skewed, the_brake_holds};
use crate::played::Played;
use crate::privacy::{secrets_are_kept, with_secrets};
use crate::replay::{Law, Verdict, first_broken};
use crate::settings::{narrowed, settings_take_nothing};

/// Cases within which a mistake must show. The rarest needs some hundred.
const CASES: u64 = 6_000;

/// Demands that a suite catches a mistake, by the law that it breaks.
fn caught<S: Strategy>(mutation: Mutation, law: Law, strategy: &S, suite: impl Fn(&S::Value) -> Verdict) {
    let found = with(mutation, || first_broken(CASES, strategy, law, &suite));
    let Some(case) = found else {
        panic!("{mutation:?} breaks {law:?}, and {CASES} cases did not show it");
    };
    println!("{law:?}: {mutation:?} shows in case {case}");
}

fn breaks_a_history(mutation: Mutation, law: Law) {
    breaks_a_history_of::<EventRecord>(mutation, law);
}

fn breaks_a_history_of<R: Played>(mutation: Mutation, law: Law) {
    caught(mutation, law, &history::<R>(), comes_to_rest::<R>);
}

#[test]
fn bijection_can_fail() {
    breaks_a_history(Mutation::NothingMatched, Law::Bijection);
}

#[test]
fn no_loss_can_fail() {
    breaks_a_history(Mutation::LossUntold, Law::NoLoss);
    breaks_a_history_of::<ContactRecord>(Mutation::SecondValueDropped, Law::NoLoss);
}

#[test]
fn convergence_can_fail() {
    breaks_a_history(Mutation::OneSideDropped, Law::Convergence);
    breaks_a_history(Mutation::RefusedIsAgreed, Law::Convergence);
    breaks_a_history(Mutation::ForgottenBeforeDeleted, Law::Convergence);
}

#[test]
fn quiescence_can_fail() {
    breaks_a_history(Mutation::OthersBase, Law::Quiescence);
}

#[test]
fn no_echo_can_fail() {
    breaks_a_history(Mutation::OthersBase, Law::NoEcho);
}

#[test]
fn safe_deletion_can_fail() {
    breaks_a_history(Mutation::DeletionBeatsEdit, Law::SafeDeletion);
    caught(
        Mutation::AbsenceDeletes,
        Law::SafeDeletion,
        &cut(),
        reports_may_be_cut,
    );
    caught(Mutation::NoBrake, Law::SafeDeletion, &many(), the_brake_holds);
}

#[test]
fn no_resurrection_can_fail() {
    breaks_a_history(Mutation::DeletedIsMadeAnew, Law::NoResurrection);
}

#[test]
fn silence_can_fail() {
    breaks_a_history(Mutation::GuestsToldOfAll, Law::Silence);
}

#[test]
fn preservation_can_fail() {
    breaks_a_history(Mutation::SameIsWritten, Law::Preservation);
    breaks_a_history_of::<TaskRecord>(Mutation::TimeOfDayCompared, Law::Preservation);
    breaks_a_history_of::<TaskRecord>(Mutation::TimeOfDayDropped, Law::Preservation);
}

#[test]
fn privacy_can_fail() {
    caught(
        Mutation::VeilForgotten,
        Law::Privacy,
        &with_secrets(),
        secrets_are_kept,
    );
    caught(
        Mutation::SecretsCompared,
        Law::Privacy,
        &with_secrets(),
        secrets_are_kept,
    );
}

#[test]
fn direction_can_fail() {
    breaks_a_history(Mutation::OneWayBothWays, Law::Direction);
}

#[test]
fn stable_form_can_fail() {
    breaks_a_history(Mutation::BaseHoldsWhatWasSent, Law::StableForm);
}

#[test]
fn clocks_can_fail() {
    caught(
        Mutation::ClockDecides,
        Law::Clocks,
        &skewed(),
        clocks_matter_little,
    );
}

#[test]
fn settings_can_fail() {
    caught(
        Mutation::OutsideIsHidden,
        Law::Settings,
        &narrowed(),
        settings_take_nothing,
    );
    breaks_a_history_of::<ContactRecord>(Mutation::UntaggedIsHidden, Law::Settings);
}

#[test]
fn reports_can_fail() {
    caught(
        Mutation::RepeatedReportDropped,
        Law::Reports,
        &cut(),
        reports_may_be_cut,
    );
}
