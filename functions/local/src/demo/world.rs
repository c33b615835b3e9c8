//! The simulated servers and who lives in them.

use chrono_tz::Tz;
use connector_google::endpoints::GoogleEndpoints;
use simulators::crm::suitecrm::{CrmUser, SuiteCrmOptions, SuiteCrmSim};
use simulators::google::{GoogleOptions, GoogleSim};

use crate::ending::Trouble;

/// The CRM's name in the registration.
pub(super) const CRM: &str = "demo";

/// A simulated Google, a simulated SuiteCRM, and Anna, who has an account in both.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) google: GoogleSim,
    pub(super) crm: SuiteCrmSim,
    /// Anna in the CRM.
    pub(super) anna: CrmUser,
    /// Anna at Google.
    pub(super) email: String,
    /// The zone in which Anna's days begin.
    pub(super) zone: Tz,
}

impl World {
    /// Starts both servers with a few dozen records around this week.
    pub(super) async fn start() -> Result<Self, Trouble> {
        let failed = |error: std::io::Error| {
            Trouble::Other(format!("the simulated servers cannot start ({})", error.kind()))
        };
        let google = GoogleSim::start(GoogleOptions::default()).await.map_err(failed)?;
        let crm = SuiteCrmSim::start(SuiteCrmOptions::default())
            .await
            .map_err(failed)?;
        google.seed_sample();
        crm.seed_sample();
        let anna = crm
            .users()
            .into_iter()
            .find(|user| user.user_name == "anna")
            .ok_or_else(|| Trouble::Other("the simulated CRM has no Anna".to_owned()))?;
        let (email, zone) = (anna.email.clone(), anna.time_zone);
        Ok(Self {
            google,
            crm,
            anna,
            email,
            zone,
        })
    }

    /// Where the simulated Google is.
    pub(super) fn google_endpoints(&self) -> GoogleEndpoints {
        GoogleEndpoints {
            auth: self.google.auth_url(),
            token: self.google.token_url(),
            revoke: self.google.revoke_url(),
            userinfo: self.google.openid_userinfo_url(),
            calendar: self.google.calendar_url(),
            tasks: self.google.tasks_url(),
            people: self.google.people_url(),
        }
    }
}
