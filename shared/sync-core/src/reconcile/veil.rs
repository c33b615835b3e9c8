//! Private records: what a copy must not show, and what becomes of it when the settings grow stricter.
//!
//! A veiled copy shows "Busy" where its original says more. What a person writes on the copy there stays on the
//! copy: it would otherwise overwrite what the original keeps to itself.

use super::merge::{self, Party};
use super::{GENERATIONS, Ground, Seen};
use crate::base::{Half, Pair};
use crate::change::Observed;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::plan::{Action, Step, Why};
use crate::policy::Scope;
use crate::side::{PerSide, Side};

/// What privacy asks of a pair.
pub(super) enum Veil<R: Record> {
    /// The copy is taken away.
    Hides(Action<R>),
    /// It shows all, or less.
    Lies(Over),
}

/// Whether a copy is veiled, and whether it was before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Over {
    /// Whether it is from now on.
    pub(super) veiled: bool,
    /// Whether that is as it was.
    settled: bool,
}

/// What privacy asks of a pair, as far as the original was seen.
pub(super) fn over<R: Record>(pair: &Pair, parties: &mut PerSide<Party<'_, R>>) -> Veil<R> {
    let copy = pair.origin.other();
    let mut scope = parties.get(pair.origin).scope;
    if parties.get(pair.origin).seen.is_some() && scope == Scope::Hidden {
        if let Some(action) = taken_away(pair.half.get(copy), copy, parties.get(copy)) {
            return Veil::Hides(action);
        }
        // Somebody worked on the copy: it stays, and tells nothing.
        scope = Scope::AsBusy;
        parties.get_mut(pair.origin).travels_as(scope);
    }
    let veiled = match scope {
        Scope::AsBusy => true,
        Scope::Carried => false,
        Scope::Outside | Scope::Leaving | Scope::Hidden => pair.veiled,
    };
    if veiled != pair.veiled {
        // What the veil covers travels anew; what it does not is left to whoever changed it.
        let original = parties.get_mut(pair.origin);
        let fields = R::FIELDS.iter().copied();
        original.changed = fields
            .filter(|field| original.changed.contains(field) || R::is_veiled(*field))
            .collect();
    }
    Veil::Lies(Over {
        veiled,
        settled: veiled == pair.veiled,
    })
}

/// The deletion of a copy, unless somebody worked on it or it may not be written.
fn taken_away<R: Record>(half: &Half, on: Side, party: &Party<'_, R>) -> Option<Action<R>> {
    let expected = match party.seen {
        Some(_) if !party.changed.is_empty() => return None,
        Some(seen) if seen.traits.read_only.is_some() => return None,
        Some(seen) => seen.version.clone(),
        None if half.pending => return None,
        None => half.version.clone(),
    };
    Some(Action::Delete {
        on,
        id: half.id.clone(),
        expected,
        why: Why::Hidden,
    })
}

/// The step that takes a copy away.
pub(super) fn hide<R: Record>(pair: Pair, seen: PerSide<Option<Seen<R>>>, action: Action<R>) -> Step<R> {
    Step {
        seen,
        action,
        lost: Vec::new(),
        waiting: PerSide::default(),
        origin: pair.origin,
        veiled: pair.veiled,
        base: Some(pair),
    }
}

/// Whether a side's change of a field passes the veil. A copy that a person made private over there keeps to itself
/// what the original's side may not show, rather than have it overwritten with "Busy".
pub(super) fn lets_through<R: Record>(
    pair: &Pair,
    over: Over,
    party: &Party<'_, R>,
    field: R::Field,
) -> bool {
    if !R::is_veiled(field) {
        return true;
    }
    if party.side == pair.origin {
        !over.veiled || !over.settled
    } else {
        !over.veiled && party.scope != Scope::AsBusy
    }
}

/// Whether a change that does not pass the veil is done with: the original's is, since its copy goes on saying
/// "Busy"; the copy's waits, and is never taken for the original's.
pub(super) fn is_agreed<R: Record>(
    pair: &Pair,
    over: Over,
    parties: &PerSide<Party<'_, R>>,
    side: Side,
    field: R::Field,
) -> bool {
    over.veiled && side == pair.origin && R::is_veiled(field) && parties.get(side).scope.is_carried()
}

/// The side on which two records found to be one thing were born: the other one's name is made from it, or bears our
/// mark. Where neither is a copy of the other, the one that may be shown across is the original: it would be taken away
/// to hide what it is no copy of.
pub(super) fn born_on<R: Record>(ground: &Ground<'_, R>, crm: &Observed<R>, google: &Observed<R>) -> Side {
    if is_copy(ground, Side::Crm, crm, &google.id) {
        return Side::Google;
    }
    // Most records have nothing to hide, and then neither does hide anything.
    if !(crm.record.is_secret() || google.record.is_secret()) {
        return Side::Crm;
    }
    let as_google_says = Observed {
        record: google.record.clone(),
        ..crm.clone()
    };
    let is_hidden = |seen: &Observed<R>| merge::scope(ground, Side::Crm, seen) == Scope::Hidden;
    let only_google_s_is_shown = (is_hidden(crm) || is_hidden(&as_google_says))
        && merge::scope(ground, Side::Google, google).is_carried();
    if only_google_s_is_shown && !is_copy(ground, Side::Google, google, &crm.id) {
        Side::Google
    } else {
        Side::Crm
    }
}

/// Whether a record on `side` is a copy that we made of the other side's.
pub(super) fn is_copy<R: Record>(
    ground: &Ground<'_, R>,
    side: Side,
    copy: &Observed<R>,
    original: &RemoteId,
) -> bool {
    copy.traits.made_from.as_ref() == Some(original)
        || (0..GENERATIONS).any(|n| copy.goes_by(&ground.copies.copy_of(side, original, n)))
}

/// What becomes of two records found to be one thing, of which one may not be shown across.
pub(super) enum Unpaired<R: Record> {
    /// Neither is a copy of ours that shows what is hidden.
    Shown,
    /// The copy is taken away.
    Hides(Box<Step<R>>),
    /// The copy on this side tells nothing from now on.
    Veils(Side),
}

/// What becomes of a copy of ours which no pair knows yet, where its original may not be shown any more. It is taken
/// away if it says what the original says. Where it says something else, somebody may have worked on it: it stays, and
/// tells nothing.
pub(super) fn over_unpaired<R: Record>(
    ground: &Ground<'_, R>,
    crm: &Observed<R>,
    google: &Observed<R>,
) -> Unpaired<R> {
    let is_hidden = |side: Side, seen: &Observed<R>| merge::scope(ground, side, seen) == Scope::Hidden;
    // Names are derived by hashing, so the cheap question comes first.
    if !(is_hidden(Side::Crm, crm) || is_hidden(Side::Google, google)) {
        return Unpaired::Shown;
    }
    let origin = born_on(ground, crm, google);
    let (original, copy) = match origin {
        Side::Crm => (crm, google),
        Side::Google => (google, crm),
    };
    let is_ours = is_copy(ground, origin.other(), copy, &original.id) && copy.traits.read_only.is_none();
    if !(is_hidden(origin, original) && is_ours) {
        return Unpaired::Shown;
    }
    let says_the_same = R::FIELDS
        .iter()
        .filter(|field| R::is_veiled(**field))
        .all(|field| original.record.same(*field, &copy.record, ground.limits));
    if !says_the_same {
        return Unpaired::Veils(origin.other());
    }
    Unpaired::Hides(Box::new(Step {
        base: None,
        action: Action::Delete {
            on: origin.other(),
            id: copy.id.clone(),
            expected: copy.version.clone(),
            why: Why::Hidden,
        },
        seen: PerSide {
            crm: Some(Box::new(crm.clone())),
            google: Some(Box::new(google.clone())),
        },
        lost: Vec::new(),
        waiting: PerSide::default(),
        origin,
        veiled: false,
    }))
}
