//! What can go wrong between a client and a server, on demand.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// One thing that goes wrong.
#[derive(Clone)]
pub enum Fault {
    /// The request is carried out, then the connection drops without an answer.
    LostAnswer,
    /// The connection drops before the request is carried out.
    DropBefore,
    /// This 5xx is answered and nothing is carried out.
    ServerErrorBefore(u16),
    /// The request is carried out, then this 5xx is answered.
    ServerErrorAfter(u16),
    /// The server's own refusal for want of quota, nothing carried out.
    Throttle {
        /// 429 or 403.
        status: u16,
        /// The `Retry-After` header, in whole seconds.
        retry_after: Option<Duration>,
    },
    /// The answer is this much later.
    Slow(Duration),
    /// The request is carried out; half the answer's body arrives, then the connection drops.
    CutBody,
    /// A proxy's or a login page's HTML with this status, nothing carried out.
    Html(u16),
    /// Another hand acts after the request arrived and before it is carried out: the way to a lost race.
    Meanwhile(Arc<dyn Fn() + Send + Sync>),
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::LostAnswer => formatter.write_str("LostAnswer"),
            Fault::DropBefore => formatter.write_str("DropBefore"),
            Fault::ServerErrorBefore(status) => write!(formatter, "ServerErrorBefore({status})"),
            Fault::ServerErrorAfter(status) => write!(formatter, "ServerErrorAfter({status})"),
            Fault::Throttle { status, .. } => write!(formatter, "Throttle({status})"),
            Fault::Slow(by) => write!(formatter, "Slow({by:?})"),
            Fault::CutBody => formatter.write_str("CutBody"),
            Fault::Html(status) => write!(formatter, "Html({status})"),
            Fault::Meanwhile(_) => formatter.write_str("Meanwhile"),
        }
    }
}

/// Which of the matching requests are struck. Requests are counted from 1, from when the rule was added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// All of them.
    Always,
    /// This many, then no more.
    Next(u64),
    /// Only this one.
    Nth(u64),
    /// One in this many.
    Every(u64),
    /// Each with this probability, drawn from a generator seeded so.
    Chance {
        /// Between 0 and 1.
        probability: f64,
        /// The same seed strikes the same requests.
        seed: u64,
    },
}

/// A fault, the requests it concerns and how often it strikes.
pub struct FaultRule {
    fault: Fault,
    when: When,
    methods: Vec<String>,
    paths: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    seen: u64,
    generator: StdRng,
}

impl fmt::Debug for FaultRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FaultRule")
            .field("fault", &self.fault)
            .field("when", &self.when)
            .field("methods", &self.methods)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl FaultRule {
    /// A fault that strikes requests of any method and path.
    pub fn new(fault: Fault, when: When) -> Self {
        let seed = if let When::Chance { seed, .. } = when {
            seed
        } else {
            0
        };
        Self {
            fault,
            when,
            methods: Vec::new(),
            paths: Arc::new(|_| true),
            seen: 0,
            generator: StdRng::seed_from_u64(seed),
        }
    }

    /// Concerns only these methods.
    #[must_use]
    pub fn methods(mut self, methods: &[&str]) -> Self {
        self.methods = methods.iter().map(|method| (*method).to_owned()).collect();
        self
    }

    /// Concerns only requests whose path, with its query as sent, satisfies the predicate.
    #[must_use]
    pub fn paths(mut self, predicate: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.paths = Arc::new(predicate);
        self
    }

    /// Concerns only requests whose path, with its query as sent, contains the text.
    #[must_use]
    pub fn path_contains(self, text: &str) -> Self {
        let text = text.to_owned();
        self.paths(move |path| path.contains(&text))
    }

    fn strikes(&mut self, method: &str, path: &str) -> bool {
        if !(self.methods.is_empty() || self.methods.iter().any(|one| one == method)) || !(self.paths)(path) {
            return false;
        }
        self.seen += 1;
        match self.when {
            When::Always => true,
            When::Next(count) => self.seen <= count,
            When::Nth(which) => self.seen == which,
            When::Every(interval) => interval > 0 && self.seen.is_multiple_of(interval),
            When::Chance { probability, .. } => self.generator.random_bool(probability.clamp(0.0, 1.0)),
        }
    }
}

/// The faults in force. Clones share them. The first rule that strikes a request decides; every rule counts it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<FaultRule>>>);

impl Faults {
    /// Puts a rule into force, behind those already there.
    pub fn add(&self, rule: FaultRule) {
        self.rules().push(rule);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.rules().clear();
    }

    pub(super) fn strike(&self, method: &str, path: &str) -> Option<Fault> {
        let mut struck = None;
        for rule in self.rules().iter_mut() {
            if rule.strikes(method, path) && struck.is_none() {
                struck = Some(rule.fault.clone());
            }
        }
        struck
    }

    fn rules(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
