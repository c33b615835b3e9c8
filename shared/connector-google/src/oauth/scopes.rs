//! Which permissions a kind of record needs: the one place that knows.

use sync_core::kind::Kind;

/// Who signs in.
pub const SCOPE_OPENID: &str = "openid";
/// Their e-mail address.
pub const SCOPE_EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
/// Reading and writing events on all of the user's calendars.
pub const SCOPE_CALENDAR_EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
/// Reading the list of calendars: their zones, and their names to choose from.
pub const SCOPE_CALENDAR_LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
/// Making secondary calendars, for a calendar of the sync's own.
pub const SCOPE_CALENDAR_OWN: &str = "https://www.googleapis.com/auth/calendar.app.created";
/// Reading and writing tasks and task lists.
pub const SCOPE_TASKS: &str = "https://www.googleapis.com/auth/tasks";
/// Reading and writing contacts and their labels.
pub const SCOPE_CONTACTS: &str = "https://www.googleapis.com/auth/contacts";

/// Wider permissions that include narrower ones; an older client may have been granted them.
///
/// # Source
/// The method pages of the Calendar API, version 3, "Authorization": a call takes any of the scopes listed there.
const WIDER: [(&str, &[&str]); 2] = [
    (
        SCOPE_CALENDAR_EVENTS,
        &["https://www.googleapis.com/auth/calendar"],
    ),
    (
        SCOPE_CALENDAR_LIST,
        &[
            "https://www.googleapis.com/auth/calendar",
            "https://www.googleapis.com/auth/calendar.readonly",
            "https://www.googleapis.com/auth/calendar.calendarlist",
        ],
    ),
];

/// The permissions without which a kind cannot be kept in step.
pub fn scopes_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Event => &[SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST],
        Kind::Task => &[SCOPE_TASKS],
        Kind::Contact => &[SCOPE_CONTACTS],
    }
}

/// What a consent for these kinds is asked for: who signs in, what the kinds need, and to make a calendar where the
/// user wants one of the sync's own.
pub fn consent_scopes(kinds: impl IntoIterator<Item = Kind>, own_calendar: bool) -> Vec<&'static str> {
    let mut scopes = vec![SCOPE_OPENID, SCOPE_EMAIL];
    scopes.extend(kinds.into_iter().flat_map(scopes_of));
    scopes.extend(own_calendar.then_some(SCOPE_CALENDAR_OWN));
    scopes
}

/// Whether everything that a kind needs was granted; a part of it is not enough.
pub fn cover<S: AsRef<str>>(granted: &[S], kind: Kind) -> bool {
    let has = |scope: &str| granted.iter().any(|granted| granted.as_ref() == scope);
    scopes_of(kind).iter().all(|scope| {
        let wider = WIDER
            .iter()
            .filter(|(narrow, _)| narrow == scope)
            .flat_map(|(_, wider)| *wider);
        has(scope) || wider.into_iter().any(|scope| has(scope))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_asks_for_what_covers_it_and_for_nothing_else() {
        for kind in Kind::ALL {
            let asked = consent_scopes([kind], false);
            assert!(cover(&asked, kind));
            for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
                assert!(!cover(&asked, other), "{kind:?} asks for {other:?}");
            }
            for missing in scopes_of(kind) {
                let part: Vec<_> = asked.iter().filter(|scope| *scope != missing).collect();
                assert!(!cover(&part, kind), "{kind:?} without {missing}");
            }
        }
        assert_eq!(consent_scopes([], false), [SCOPE_OPENID, SCOPE_EMAIL]);
        assert_eq!(
            consent_scopes([], true),
            [SCOPE_OPENID, SCOPE_EMAIL, SCOPE_CALENDAR_OWN]
        );
    }

    #[test]
    fn a_wider_permission_is_as_good() {
        assert!(cover(&["https://www.googleapis.com/auth/calendar"], Kind::Event));
        assert!(!cover(
            &["https://www.googleapis.com/auth/calendar.readonly"],
            Kind::Event
        ));
    }
}
