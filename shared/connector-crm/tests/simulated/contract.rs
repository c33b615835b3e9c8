//! Every CRM of the registry, for every kind that it speaks, against the laws of the door.

use std::collections::BTreeSet;
use std::time::Duration;

use connector_crm::crm::CrmConnection;
use connector_crm::registry::{self, CrmKind};
use futures::future::join3;
use serde_json::{Map, Value};
use simulators::{Fault, FaultRule, Faults, SimClock, Traffic, When};
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::port::Remote;
use sync_engine::contract::remote::{
    Habits, Hands, Sample, Strike, Trouble, Which, Whose, breaks, broken_laws,
};

use crate::hands::{contacts_of, events_of, tasks_of};
use crate::{suitecrm, vtiger};

/// A simulated CRM as the laws need it, for all kinds: two users, the accounts `Acme` and `Globex`, a checkbox for
/// contacts called `Google`.
pub(crate) trait Server: Send + Sync {
    /// What it is in the registry.
    fn kind(&self) -> CrmKind;
    /// A new connection over the token or session of the last one.
    fn connect(&self) -> Box<dyn CrmConnection>;
    /// A new connection that signs in so.
    fn connect_with(&self, auth: &Value) -> Box<dyn CrmConnection>;
    /// Sign-ins that are wrong in one field, with that field; a wrong secret is `wrong-one`.
    fn wrong_sign_ins(&self) -> Vec<(Value, &'static str)>;
    /// The CRM's own id of the user.
    fn user(&self) -> String;
    /// Adds a user of that name, with an address at `example.com`; one who has left, where they are not active.
    fn add_user(&self, name: &str, is_active: bool);
    /// The user makes an account of that name.
    fn add_account(&self, name: &str);
    /// See [`Hands::habits`].
    fn habits(&self, kind: Kind) -> Habits;
    /// See [`Hands::make`].
    fn make(&self, kind: Kind, whose: Whose, name: &str) -> RemoteId;
    /// See [`Hands::rename`].
    fn rename(&self, id: &RemoteId, name: &str);
    /// See [`Hands::adorn`].
    fn adorn(&self, id: &RemoteId);
    /// See [`Hands::delete`].
    fn delete(&self, id: &RemoteId);
    /// The user's record becomes the other user's.
    fn give_away(&self, id: &RemoteId);
    /// See [`Hands::seed`].
    fn seed(&self, kind: Kind, count: usize);
    /// See [`Hands::living`].
    fn living(&self, kind: Kind) -> usize;
    /// See [`Hands::row`].
    fn row(&self, id: &RemoteId) -> Option<Map<String, Value>>;
    /// See [`Hands::is_whole`].
    fn is_whole(&self, _id: &RemoteId) -> bool {
        true
    }
    /// See [`Hands::carried`].
    fn carried(&self, kind: Kind) -> &'static [&'static str];
    /// See [`Hands::end_sessions`].
    fn end_sessions(&self);
    /// See [`Hands::withdraw`].
    fn withdraw(&self);
    /// Whether a request, by its address or route, is one of signing in.
    fn signs_in(target: &str) -> bool
    where
        Self: Sized;
    /// What was mailed to people.
    fn mails(&self) -> usize {
        0
    }
    /// Its clock.
    fn clock(&self) -> SimClock;
    /// What it was asked.
    fn traffic(&self) -> Traffic;
    /// What goes wrong on the way to it.
    fn faults(&self) -> Faults;
}

/// What a CRM's tables hold of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tables {
    /// All of it.
    Whole,
    /// Characters of three bytes at most, as old installations have it.
    OfThreeBytes,
}

/// A kind of record, as connections open it.
trait Opened: Sample {
    fn of(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<Self>>;
}

impl Opened for EventRecord {
    fn of(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<Self>> {
        events_of(connection, user)
    }
}

impl Opened for TaskRecord {
    fn of(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<Self>> {
        tasks_of(connection, user)
    }
}

impl Opened for ContactRecord {
    fn of(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<Self>> {
        contacts_of(connection, user, &["Google"])
    }
}

/// The hands at one CRM.
pub(crate) struct At<R, S> {
    server: S,
    door: Between<R>,
}

/// What stands between the laws and the connector's door: nothing, except where the laws themselves are tried out.
pub(crate) type Between<R> = Box<dyn Fn(Box<dyn Remote<R>>) -> Box<dyn Remote<R>> + Send + Sync>;

impl<R, S> At<R, S> {
    fn new(server: S) -> Self {
        Self::behind(server, Box::new(|door| door))
    }

    pub(crate) fn behind(server: S, door: Between<R>) -> Self {
        Self { server, door }
    }
}

impl<R: Opened, S: Server> Hands<R> for At<R, S> {
    fn habits(&self) -> Habits {
        self.server.habits(R::KIND)
    }

    fn door(&self) -> Box<dyn Remote<R>> {
        (self.door)(R::of(&*self.server.connect(), &self.server.user()))
    }

    fn make(&self, whose: Whose, name: &str) -> RemoteId {
        self.server.make(R::KIND, whose, name)
    }

    fn rename(&self, id: &RemoteId, name: &str) {
        self.server.rename(id, name);
    }

    fn adorn(&self, id: &RemoteId) {
        self.server.adorn(id);
    }

    fn delete(&self, id: &RemoteId) {
        self.server.delete(id);
    }

    fn give_away(&self, id: &RemoteId) -> bool {
        self.server.give_away(id);
        true
    }

    fn seed(&self, count: usize) {
        self.server.seed(R::KIND, count);
    }

    fn living(&self) -> usize {
        self.server.living(R::KIND)
    }

    fn row(&self, id: &RemoteId) -> Option<Map<String, Value>> {
        self.server.row(id)
    }

    fn is_whole(&self, id: &RemoteId) -> bool {
        self.server.is_whole(id)
    }

    fn carried(&self) -> &'static [&'static str] {
        self.server.carried(R::KIND)
    }

    fn pass(&self, time: Duration) {
        self.server.clock().advance(time);
    }

    fn strike(&self, strike: Strike) {
        let when = match strike.which {
            Which::All => When::Always,
            Which::First(count) => When::Next(count),
            Which::Only(number) => When::Nth(number),
        };
        let rule = FaultRule::new(fault(strike.trouble), when).paths(|path| !S::signs_in(path));
        self.server.faults().add(if strike.writes_only {
            rule.methods(&["POST", "PATCH", "DELETE"])
        } else {
            rule
        });
    }

    fn calm(&self) {
        self.server.faults().clear();
    }

    fn requests(&self) -> (u64, u64) {
        let log = self.server.traffic().log();
        let asked = log.iter().filter(|asked| !S::signs_in(&asked.route));
        let writes = asked.clone().filter(|asked| asked.method != "GET").count();
        (asked.count() as u64, writes as u64)
    }

    fn mails(&self) -> usize {
        self.server.mails()
    }

    fn end_sessions(&self) {
        self.server.end_sessions();
    }

    fn withdraw(&self) {
        self.server.withdraw();
    }
}

fn fault(trouble: Trouble) -> Fault {
    match trouble {
        Trouble::Dropped => Fault::DropBefore,
        Trouble::LostAnswer => Fault::LostAnswer,
        Trouble::CutBody => Fault::CutBody,
        Trouble::Away(status) => Fault::ServerErrorBefore(status),
        Trouble::Failed(status) => Fault::ServerErrorAfter(status),
        Trouble::Page(status) => Fault::Html(status),
        Trouble::Busy { status, after } => Fault::Throttle {
            status,
            retry_after: Some(after),
        },
    }
}

/// The law of texts, which tables of three bytes have to keep as well.
const TEXTS: &str = "texts::what_was_returned_is_stable";

/// Holds each CRM against the laws, for all kinds at once.
macro_rules! held {
    ($($crm:ident = $server:expr;)+) => {
        $(#[tokio::test]
        async fn $crm() {
            let start = async || ($server)(Tables::Whole).await;
            let broken = join3(
                broken_laws::<EventRecord, _>(async || At::new(start().await)),
                broken_laws::<TaskRecord, _>(async || At::new(start().await)),
                broken_laws::<ContactRecord, _>(async || At::new(start().await)),
            );
            let none = BTreeSet::new;
            assert_eq!(broken.await, (none(), none(), none()), "laws of events, tasks and contacts");
            let start = async || ($server)(Tables::OfThreeBytes).await;
            let broken = join3(
                breaks::<EventRecord, _>(async || At::new(start().await), TEXTS),
                breaks::<TaskRecord, _>(async || At::new(start().await), TEXTS),
                breaks::<ContactRecord, _>(async || At::new(start().await), TEXTS),
            );
            assert_eq!(broken.await, (false, false, false), "texts of events, tasks and contacts");
        })+

        #[tokio::test]
        async fn every_crm_of_the_registry_is_held_against_the_laws() {
            let held = BTreeSet::from([$(($server)(Tables::Whole).await.kind()),+]);
            let supported = CrmKind::ALL.into_iter().filter(|kind| registry::supported(*kind));
            assert_eq!(held, supported.collect());
        }
    };
}

held! {
    suitecrm = suitecrm::Crm::for_the_laws;
    vtiger_8_2 = |tables| vtiger::Crm::for_the_laws(0, tables);
    vtiger_8_4 = |tables| vtiger::Crm::for_the_laws(1, tables);
}
