//! What people put on records without saving them: the star, which is each user's own, and tags (section 7).

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// One tag on one record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag {
    pub(super) name: String,
    /// Whose it is; everybody's where nobody's.
    pub(super) private_to: Option<u64>,
}

/// Stars and tags of one record.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    tags: BTreeSet<Tag>,
    starred: BTreeSet<u64>,
    /// Who had it starred once: theirs is a zero, everybody else's is nothing at all.
    unstarred: BTreeSet<u64>,
}

impl Marks {
    pub(super) fn tag(&mut self, tag: Tag) {
        self.tags.insert(tag);
    }

    pub(super) fn untag(&mut self, tag: &Tag) {
        self.tags.remove(tag);
    }

    pub(super) fn star(&mut self, user: u64, on: bool) {
        let (to, from) = if on {
            (&mut self.starred, &mut self.unstarred)
        } else {
            (&mut self.unstarred, &mut self.starred)
        };
        from.remove(&user);
        to.insert(user);
    }

    /// The star as a user's column has it; `None` where there is no row for it.
    pub(super) fn star_of(&self, user: u64) -> Option<&'static str> {
        if self.starred.contains(&user) {
            Some("1")
        } else {
            self.unstarred.contains(&user).then_some("0")
        }
    }

    /// The tags that a user sees.
    pub(super) fn tags_for(&self, user: u64) -> String {
        let seen = self.tags.iter();
        let seen = seen.filter(|tag| tag.private_to.is_none_or(|owner| owner == user));
        seen.map(|tag| tag.name.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Everything that the database holds of them.
    pub(super) fn stored(&self) -> Value {
        let tags: Vec<Value> = self
            .tags
            .iter()
            .map(|tag| json!([tag.name, tag.private_to]))
            .collect();
        json!({ "tags": tags, "starred": self.starred, "unstarred": self.unstarred })
    }
}
