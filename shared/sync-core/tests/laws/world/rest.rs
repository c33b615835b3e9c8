//! What must hold when nobody has done anything for two runs.

use std::collections::BTreeMap;

use sync_core::base::PairState;
use sync_core::policy::Deletions;
use sync_core::side::Side;

use super::World;
use crate::played::{Carried, Played};
use crate::replay::{Law, Verdict, demand};

impl<R: Played> World<R> {
    /// Each thing is on a side once at most.
    pub(crate) fn nothing_is_doubled(&self) -> Verdict {
        if self.was_disturbed && self.came_or_went {
            // A copy whose making was not answered, and that passed to somebody else before anyone knew of it.
            return Ok(());
        }
        for side in Side::BOTH {
            let mut seen = BTreeMap::new();
            for (id, held) in &self.servers.get(side).records {
                if !held.mine
                    || self.told.contains(&(side, id.clone()))
                    || self.was_disturbed && !self.policy.window().reaches(held.record.starts_at())
                {
                    // Somebody else's; or one of several about which a person was asked; or a copy whose making was not answered, and whose original passed out of sight.
                    continue;
                }
                let before = seen.insert(self.thing(held.item), id);
                demand(before.is_none(), Law::Bijection, || {
                    format!("{id} and {before:?} on {side} are one thing")
                })?;
            }
        }
        Ok(())
    }

    /// What is in scope is paired, and both sides agree.
    pub(crate) fn both_sides_agree(&self, settings_changed: bool) -> Verdict {
        for side in Side::BOTH {
            for (id, held) in &self.servers.get(side).records {
                let is_paired = self.pairs.iter().any(|pair| pair.half.get(side).id == *id);
                let is_carried = held.mine && self.carried(side, held, &held.record).is();
                // A copy whose making was not answered, and whose original passed to somebody else, is left alone.
                let is_orphan = held.is_copy && self.was_disturbed && self.came_or_went;
                let is_told = self.told.contains(&(side, id.clone()));
                demand(
                    is_paired || !is_carried || is_orphan || is_told,
                    Law::Convergence,
                    || format!("{id} on {side} is in scope, and has no copy"),
                )?;
            }
        }
        self.pairs.iter().try_for_each(|pair| {
            let held = |side: Side| self.servers.get(side).records.get(&pair.half.get(side).id);
            let window = self.policy.window();
            if Side::BOTH
                .iter()
                .any(|side| !window.reaches(pair.half.get(*side).starts_at))
            {
                // What lies before the window is left alone.
                return Ok(());
            }
            match pair.state {
                PairState::Living => {
                    let (Some(crm), Some(google)) = (held(Side::Crm), held(Side::Google)) else {
                        return demand(false, Law::Convergence, || {
                            format!("half of it is gone: {pair:?}")
                        });
                    };
                    demand(crm.mine && google.mine, Law::Convergence, || {
                        format!("one of them is somebody else's: {pair:?}")
                    })?;
                    self.agrees(pair)
                }
                PairState::Gone(side) => {
                    let Some(kept) = held(side.other()) else {
                        return demand(false, Law::Convergence, || {
                            format!("a pair of which nothing is left: {pair:?}")
                        });
                    };
                    let half = pair.half.get(side.other());
                    let is_edited = R::FIELDS
                        .iter()
                        .any(|field| kept.is_edited(*field) || half.differs(*field, &kept.record));
                    let stays = settings_changed
                        || self.policy.deletions == Deletions::Keep
                        || !self.policy.travels(side)
                        || kept.read_only.is_some()
                        || !kept.mine
                        || is_edited
                        // What was changed back later is not deleted after the fact.
                        || self.kept_for_edits.contains(&(side.other(), half.id.clone()))
                        || self.was_disturbed;
                    demand(stays || self.has_returned(pair), Law::Convergence, || {
                        format!("the deletion did not travel: {pair:?}")
                    })
                }
                PairState::Left(_) => Ok(()),
            }
        })
    }

    /// Whether something of the pair was away for a while: then what was deleted meanwhile is kept.
    fn has_returned(&self, _: &sync_core::base::Pair) -> bool {
        self.came_or_went
    }

    fn agrees(&self, pair: &sync_core::base::Pair) -> Verdict {
        let held = |side: Side| self.servers.get(side).records.get(&pair.half.get(side).id);
        let (Some(crm), Some(google)) = (held(Side::Crm), held(Side::Google)) else {
            return Ok(());
        };
        let carried = |side: Side| {
            let held = if side == Side::Crm { crm } else { google };
            let other = if side == Side::Crm { google } else { crm };
            let carried = self.carried(side, held, &held.record);
            if other.read_only.is_some() {
                Carried::Not
            } else {
                carried
            }
        };
        let is_alike = self.shown_alike(&crm.record, &google.record);
        for field in R::FIELDS.iter().copied() {
            if pair.veiled && R::is_content(field) {
                continue;
            }
            if self.was_disturbed && (crm.record.is_empty(field) || google.record.is_empty(field)) {
                // Without a base, nobody knows that a text was emptied.
                continue;
            }
            // What a copy shows less of does not come over its original.
            let sends = |side: Side| match carried(side) {
                Carried::Whole => true,
                Carried::Busy => side == pair.origin || !R::is_content(field),
                Carried::Leaving => R::LEAVING == Some(field),
                Carried::Hidden | Carried::Not => false,
            };
            let (from_crm, from_google) = (sends(Side::Crm), sends(Side::Google));
            // What was changed, and changed back before anybody knew that the change had arrived over there: what is
            // there passes for a person's words.
            let reads = |side: Side| if side == Side::Crm { crm } else { google };
            let differs = |side: Side| pair.half.get(side).differs(field, &reads(side).record);
            let is_back = |sender: Side| self.was_disturbed && !differs(sender) && differs(sender.other());
            if is_back(Side::Crm) && !from_google || is_back(Side::Google) && !from_crm {
                continue;
            }
            // A change on the side that does not send waits there.
            let must = match (from_crm, from_google) {
                (true, true) => true,
                (true, false) => !google.is_edited(field),
                (false, true) => !crm.is_edited(field),
                (false, false) => false,
            };
            demand(!must || is_alike(field), Law::Convergence, || {
                format!("{field:?} differs: {:?} {:?}", crm.record, google.record)
            })?;
        }
        Ok(())
    }
}
