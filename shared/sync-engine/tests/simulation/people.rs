//! What people do on both sides, at any moment.

use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::side::Side;

use crate::door::POISON;
use crate::doubts;
use crate::kinds::{Played, repeat, repeat_in_rows};
use crate::log::Of;
use crate::world::World;

/// People. Whatever they write begins with a number that nobody wrote before.
#[derive(Debug, Default)]
pub(crate) struct People {
    numbers: u64,
}

/// How a text goes on after its number: longer, or stranger, than some sides keep.
pub(crate) fn tail(random: &mut SmallRng) -> &'static str {
    [" ", " and a long tail", " and  two blanks", " 😀"]
        .choose(random)
        .unwrap()
}

impl People {
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// A text that nobody wrote before.
    pub(crate) fn text(&mut self, tail: &str) -> String {
        format!("{}{tail}", self.number()).trim_end().to_owned()
    }

    /// Both sides before they are joined; some things stand on both already, made by hand.
    pub(crate) fn fill(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        for kind in world.kinds().to_vec() {
            match kind {
                Kind::Event => self.fill_kind::<EventRecord>(world, link, random),
                Kind::Task => self.fill_kind::<TaskRecord>(world, link, random),
                Kind::Contact => self.fill_kind::<ContactRecord>(world, link, random),
            }
        }
    }

    fn fill_kind<R: Played>(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        for side in Side::BOTH {
            for _ in 0..random.random_range(0..4) {
                self.create::<R>(world, link, side, random);
            }
        }
        let [crm, google] = Side::BOTH.map(|side| world.server::<R>(link, side));
        if random.random_bool(0.3) {
            let record = R::written(self, random, world.now());
            let both = crm.nature.rewritten(&record).made_by_hand_twice();
            let name = format!("twin-{}", self.number());
            let crm = crm.person_creates(link, &name, both.clone());
            let google = google.person_creates(link, &name, both);
            world.log.add(R::entry(Of::Same { link, crm, google }));
        }
        if R::KIND == Kind::Event && random.random_bool(0.2) {
            repeat(self, world, link, random);
        }
        if R::KIND == Kind::Event && random.random_bool(0.2) {
            repeat_in_rows(self, world, link, random);
        }
    }

    fn create<R: Played>(&mut self, world: &World, link: usize, side: Side, random: &mut SmallRng) {
        let record = R::written(self, random, world.now());
        let name = R::name(side, self.number(), random);
        world.server::<R>(link, side).person_creates(link, &name, record);
    }

    /// Somebody deletes what a dead run has copied before it could remember the copy.
    pub(crate) async fn delete_original_of_orphan(&self, world: &World, link: usize, random: &mut SmallRng) {
        match world.kinds().choose(random) {
            Some(Kind::Event) => Self::delete_original::<EventRecord>(world, link, random).await,
            Some(Kind::Task) => Self::delete_original::<TaskRecord>(world, link, random).await,
            Some(Kind::Contact) => Self::delete_original::<ContactRecord>(world, link, random).await,
            None => {}
        }
    }

    async fn delete_original<R: Played>(world: &World, link: usize, random: &mut SmallRng) {
        let known = doubts::note::<R>(world, link).await;
        let orphans = Side::BOTH.into_iter().flat_map(|side| {
            let copies = world.server::<R>(link, side).living(link).into_iter();
            let unknown = copies.filter(|(id, _)| !known.get(side).contains(id));
            let origins: Vec<_> = unknown
                .filter_map(|(_, lying)| Some((side.other(), lying.made_from?)))
                .collect();
            origins
        });
        let there = orphans.filter(|(side, id)| {
            let server = world.server::<R>(link, *side);
            server.living(link).contains_key(id) && !server.was_moved(link, id)
        });
        let there: Vec<(Side, RemoteId)> = there.collect();
        if let Some((side, id)) = there.choose(random) {
            world.server::<R>(link, *side).person_deletes(link, id);
        }
    }

    /// So many deeds, one after the other.
    pub(crate) fn act(&mut self, world: &World, link: usize, random: &mut SmallRng, deeds: usize) {
        for _ in 0..deeds {
            self.act_once(world, link, random);
        }
    }

    pub(crate) fn act_once(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        match world.kinds().choose(random) {
            Some(Kind::Event) => self.act_on::<EventRecord>(world, link, random),
            Some(Kind::Task) => self.act_on::<TaskRecord>(world, link, random),
            Some(Kind::Contact) => self.act_on::<ContactRecord>(world, link, random),
            None => {}
        }
    }

    fn act_on<R: Played>(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        let side = if random.random_bool(0.5) {
            Side::Crm
        } else {
            Side::Google
        };
        let server = world.server::<R>(link, side);
        let living: Vec<RemoteId> = server.living(link).into_keys().collect();
        let Some(id) = living.choose(random) else {
            return self.create::<R>(world, link, side, random);
        };
        match random.random_range(0..100) {
            0..12 => self.create::<R>(world, link, side, random),
            // What people do to the shape of a series they do once before the other side knows of it.
            12..27 if server.was_moved(link, id) => {}
            12..27 => server.person_deletes(link, id),
            27..32 => server.person_edits(link, id, |now| now.unmapped.push('+')),
            32..36 => {
                let poison = format!("{} {POISON}", self.number());
                server.person_edits(link, id, |now| *now.record.poisonable() = poison);
            }
            36..46 if R::act_specially(self, world, link, random) => {}
            _ => {
                let field = *R::EDITED.choose(random).unwrap();
                // An occurrence changes its place once in a while: with its series, or by itself.
                if R::is_place(field) && server.was_moved(link, id) {
                    return;
                }
                let at = world.now();
                server.person_edits(link, id, |now| now.record.edit(field, self, random, at));
            }
        }
    }
}
