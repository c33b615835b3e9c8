//! Names of rows.

use chrono::{DateTime, SecondsFormat, Utc};
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::Kind;
use sync_core::port::Key;
use sync_core::side::Side;

pub(super) const CRMS: &str = "CRMS";
pub(super) const ACCOUNT_LINK: &str = "U#";

/// `%` and `#` percent-encoded, so that a key's parts cannot run into each other.
pub(super) fn part(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23")
}

pub(super) fn crm(slug: &str) -> Key {
    Key::new(CRMS, slug)
}

pub(super) fn account_links(crm: &str) -> String {
    format!("T#{}", part(crm))
}

pub(super) fn account_link(link: &AccountLinkId) -> Key {
    Key::new(
        account_links(&link.crm),
        format!("{ACCOUNT_LINK}{}", part(&link.user)),
    )
}

fn of(letter: &str, link: &AccountLinkId) -> String {
    format!("{letter}#{}#{}", part(&link.crm), part(&link.user))
}

pub(super) fn mapping(link: &AccountLinkId) -> String {
    of("M", link)
}

pub(super) fn runs(link: &AccountLinkId) -> String {
    of("R", link)
}

pub(super) fn journal(link: &AccountLinkId) -> String {
    of("J", link)
}

fn record(id: &RemoteId) -> String {
    format!("{}#{}", part(&id.collection), part(&id.id))
}

pub(super) fn pairs_prefix(kind: Kind) -> String {
    format!("C#{}#", kind.as_str())
}

pub(super) fn pair(link: &AccountLinkId, kind: Kind, crm: &RemoteId) -> Key {
    Key::new(mapping(link), format!("{}{}", pairs_prefix(kind), record(crm)))
}

pub(super) fn twin(link: &AccountLinkId, kind: Kind, google: &RemoteId) -> Key {
    Key::new(mapping(link), format!("G#{}#{}", kind.as_str(), record(google)))
}

pub(super) fn parked_prefix(kind: Kind) -> String {
    format!("H#{}#", kind.as_str())
}

pub(super) fn parked(link: &AccountLinkId, kind: Kind, side: Side, id: &RemoteId) -> Key {
    Key::new(
        mapping(link),
        format!("{}{side}#{}", parked_prefix(kind), record(id)),
    )
}

pub(super) fn under_way_prefix(kind: Kind) -> String {
    format!("B#{}#", kind.as_str())
}

pub(super) fn under_way(link: &AccountLinkId, kind: Kind, name: &str) -> Key {
    Key::new(mapping(link), format!("{}{}", under_way_prefix(kind), part(name)))
}

pub(super) fn moment(at: DateTime<Utc>, name: &str) -> String {
    format!(
        "{}#{}",
        at.to_rfc3339_opts(SecondsFormat::Millis, true),
        part(name)
    )
}

pub(super) fn once(name: &str) -> Key {
    Key::new(format!("O#{}", part(name)), "O")
}

pub(super) fn count(name: &str) -> Key {
    Key::new(format!("N#{}", part(name)), "N")
}

pub(super) fn sealed(owner: &str, name: &str) -> Key {
    Key::new(format!("K#{}", part(owner)), part(name))
}
