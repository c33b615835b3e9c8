//! A consent under way: what was asked of Google, for whom, and in which browser it began.
//!
//! It is kept sealed for ten minutes under a hash of its state, so that whoever reads the store can neither
//! finish it nor see who it is for.

use chrono::TimeDelta;
use connector_google::oauth::{ConsentRequest, GoogleOauth, consent_scopes, new_verifier};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_core::port::SecretText;
use sync_engine::memory::AccountLinkBody;
use url::Url;

use crate::problem::{Answered, Problem};
use crate::session::{Browser, mark};
use crate::visit::Visit;

/// How long a consent may take; Google's codes live as long.
const TAKES_AT_MOST: TimeDelta = TimeDelta::minutes(10);

/// A consent under way.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// The registered CRM.
    pub(crate) crm: String,
    /// The CRM's user, where the CRM named one; else they are found by their e-mail address.
    pub(crate) person: Option<Person>,
    /// Where to go afterwards.
    pub(crate) return_url: Option<String>,
    /// The browser it began in.
    pub(crate) browser: String,
    pub(crate) verifier: String,
    pub(crate) nonce: String,
    pub(crate) redirect_uri: String,
    /// What access is asked for.
    pub(crate) wants: Wants,
}

/// A user of the CRM.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    /// The CRM's own id.
    pub(crate) user: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) locale: Option<String>,
}

/// What a consent is to be asked for.
pub(crate) struct Asking<'a> {
    pub(crate) crm: &'a str,
    pub(crate) person: Option<Person>,
    pub(crate) return_url: Option<String>,
    pub(crate) wants: Wants,
}

/// Begins a consent and answers with its state.
pub(crate) async fn begin(
    visit: &Visit,
    browser: &Browser,
    asking: Asking<'_>,
) -> Answered<(String, Consent)> {
    let app = &visit.app;
    let state = app.random_name::<32>();
    let consent = Consent {
        crm: asking.crm.to_owned(),
        person: asking.person,
        return_url: asking.return_url,
        browser: browser.mark(),
        verifier: new_verifier(app.entropy.as_ref()).expose_secret().to_owned(),
        nonce: app.random_name::<16>(),
        redirect_uri: visit.origin.redirect_uri(),
        wants: asking.wants,
    };
    let plain = serde_json::to_vec(&consent).map_err(|_| Problem::internal())?;
    let name = name(&state);
    let sealed = visit.sealer.seal(&name, &plain, app.random());
    if app
        .memory
        .remember_once(&name, &sealed, app.now() + TAKES_AT_MOST)
        .await?
    {
        Ok((state, consent))
    } else {
        // Two equal names of 256 random bits: the source of randomness is broken.
        Err(Problem::internal())
    }
}

/// The consent of that state, as long as it is under way in this browser.
pub(crate) async fn look(visit: &Visit, browser: &Browser, state: &str) -> Answered<Option<Consent>> {
    let sealed = visit.app.memory.look_once(&name(state)).await?;
    Ok(sealed
        .and_then(|sealed| opened(visit, state, &sealed))
        .filter(|consent| consent.browser == browser.mark()))
}

/// Takes the consent of that state: of two who try, one gets it, and another browser never does.
pub(crate) async fn take(visit: &Visit, browser: &Browser, state: &str) -> Answered<Option<Consent>> {
    if look(visit, browser, state).await?.is_none() {
        return Ok(None);
    }
    let sealed = visit.app.memory.take_once(&name(state)).await?;
    Ok(sealed.and_then(|sealed| opened(visit, state, &sealed)))
}

/// What access is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wants {
    /// The kinds that are switched on. One that went off because access to it was not granted is asked for again:
    /// authorising anew is how the user says that it shall be on.
    pub(crate) kinds: Vec<Kind>,
    /// Whether the sync shall make a calendar of its own.
    pub(crate) own_calendar: bool,
}

impl Wants {
    /// What these settings want.
    pub(crate) fn of(settings: &Settings, former: Option<&AccountLinkBody>) -> Self {
        let unticked = former
            .and_then(|body| body.google.as_ref())
            .map(|google| google.unticked.as_slice())
            .unwrap_or_default();
        let on = settings.kinds();
        let wanted = |kind: &Kind| on.contains(kind) || unticked.contains(kind);
        let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(wanted).collect();
        Self {
            own_calendar: kinds.contains(&Kind::Event) && settings.events.wants_own_calendar(),
            kinds,
        }
    }

    /// The permissions to ask for.
    pub(crate) fn scopes(&self) -> Vec<&'static str> {
        consent_scopes(self.kinds.iter().copied(), self.own_calendar)
    }
}

impl Consent {
    /// The address of Google's page for it.
    pub(crate) fn address(&self, google: &GoogleOauth, state: &str) -> Answered<Url> {
        let scopes = self.wants.scopes();
        Ok(google.consent_url(&ConsentRequest {
            redirect: &self.redirect_uri,
            scopes: &scopes,
            state,
            nonce: &self.nonce,
            verifier: &SecretText::from(self.verifier.clone()),
            login_hint: self.person.as_ref().and_then(|person| person.email.as_deref()),
        })?)
    }
}

fn name(state: &str) -> String {
    format!("consent/{}", mark("consent", state.as_bytes()))
}

fn opened(visit: &Visit, state: &str, sealed: &str) -> Option<Consent> {
    let plain = visit.sealer.open(&name(state), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
