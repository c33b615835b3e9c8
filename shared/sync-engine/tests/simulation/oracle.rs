//! What must be true at the end, seen from outside.

use std::collections::BTreeMap;

use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::port::Remote;
use sync_core::side::{PerSide, Side};

use crate::door::{EDITED, Lying};
use crate::rig::Rig;

/// The record that a record was made from in the end, and its side.
pub(crate) fn root(
    everything: &PerSide<BTreeMap<RemoteId, Lying>>,
    side: Side,
    id: &RemoteId,
) -> (Side, RemoteId) {
    let mut at = (side, id.clone());
    while let Some(origin) = everything
        .get(at.0)
        .get(&at.1)
        .and_then(|lying| lying.made_from.clone())
    {
        at = (at.0.other(), origin);
    }
    at
}

/// Both sides hold the same items, and each item reads the same at the precision of the poorer side.
pub(crate) fn same_on_both_sides(rig: &Rig) -> Result<(), String> {
    let crm = rig.sides.crm.living();
    let google = rig.sides.google.living();
    if crm.len() != google.len() {
        return Err(format!(
            "{} records in the CRM, {} in Google\n{crm:#?}\n{google:#?}",
            crm.len(),
            google.len()
        ));
    }
    let everything = rig.everything();
    let limits = rig.sides.as_ref().map(|side| side.limits());
    for (id, lying) in &google {
        let partner = crm.iter().find(|(other, there)| {
            lying.made_from.as_ref() == Some(other)
                || there.made_from.as_ref() == Some(id)
                || root(&everything, Side::Crm, other) == root(&everything, Side::Google, id)
        });
        let Some((_, there)) = partner else {
            return Err(format!("{id} has no partner in the CRM"));
        };
        for field in EDITED {
            if !there.record.same(field, &lying.record, limits.as_ref()) {
                return Err(format!(
                    "{id} differs in {field:?}: {:?} and {:?}",
                    there.record, lying.record
                ));
            }
        }
    }
    Ok(())
}

/// No item stands twice on one side.
pub(crate) fn nothing_doubled(rig: &Rig) -> Result<(), String> {
    let everything = rig.everything();
    for side in Side::BOTH {
        let mut seen = BTreeMap::new();
        for id in rig.sides.get(side).living().keys() {
            if let Some(other) = seen.insert(root(&everything, side, id), id.clone()) {
                return Err(format!("{other} and {id} in {side} are the same item"));
            }
        }
    }
    Ok(())
}
