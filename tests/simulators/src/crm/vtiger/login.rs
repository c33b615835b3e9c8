//! Challenges and sessions (section 1).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use serde_json::json;

use super::columns::Module;
use super::crm::Call;
use super::error::{Refused, success};
use super::options::Version;
use crate::front::Answer;

/// How long a challenge is good, for any number of sign-ins.
const CHALLENGE_LASTS: TimeDelta = TimeDelta::seconds(300);
/// How long a session lasts without a request.
const SESSION_IDLES: TimeDelta = TimeDelta::minutes(30);
/// How long it lasts at most.
const SESSION_LASTS: TimeDelta = TimeDelta::hours(24);

/// Challenges and sessions there are.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// One challenge per user: a newer one takes the place of the older.
    challenges: BTreeMap<u64, (String, DateTime<Utc>)>,
    open: BTreeMap<String, Session>,
    given_out: u64,
}

#[derive(Debug)]
struct Session {
    user: u64,
    opened: DateTime<Utc>,
    used: DateTime<Utc>,
}

impl Sessions {
    /// Forgets all sessions, as a host's clean-up does.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    fn token(&mut self, what: &str) -> String {
        self.given_out += 1;
        let digest = Md5::digest(format!("{what}{}", self.given_out).as_bytes());
        HEXLOWER.encode(digest.as_slice())
    }
}

pub(super) fn challenge(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let number = named_user(call)?;
    let token = call.world.sessions.token("challenge");
    let until = call.now + CHALLENGE_LASTS;
    call.world
        .sessions
        .challenges
        .insert(number, (token.clone(), until));
    Ok(success(&json!({
        "token": token, "serverTime": call.now.timestamp(), "expireTime": until.timestamp(),
    })))
}

pub(super) fn login(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let number = named_user(call)?;
    let known = call.world.sessions.challenges.get(&number);
    let Some((token, _)) = known.filter(|(_, until)| *until >= call.now) else {
        return Err(Refused::new(
            "INVALID_AUTH_TOKEN",
            "Specified token is invalid or expired",
        ));
    };
    let user = call.world.user(number).cloned();
    let user = user.filter(|user| user.is_active);
    let expected = user.as_ref().map(|user| {
        let digest = Md5::digest(format!("{token}{}", user.access_key).as_bytes());
        HEXLOWER.encode(digest.as_slice())
    });
    let (Some(user), Some(expected)) = (user, expected) else {
        return Err(Refused::new("ACCESS_DENIED", "Given user is inactive"));
    };
    if call.parameter("accessKey") != expected {
        return Err(Refused::new(
            "INVALID_USER_CREDENTIALS",
            "Invalid username or password",
        ));
    }
    let name = call.world.sessions.token("session");
    let session = Session {
        user: number,
        opened: call.now,
        used: call.now,
    };
    call.world.sessions.open.insert(name.clone(), session);
    Ok(success(&json!({
        "username": user.user_name, "first_name": user.first_name, "last_name": user.last_name,
        "email": user.email, "time_zone": user.time_zone.name(), "hour_format": "24",
        "date_format": "yyyy-mm-dd", "is_admin": if user.is_admin { "on" } else { "off" },
        "call_duration": "5", "other_event_duration": "30", "sessionName": name,
        "userId": call.world.id(Module::Users, number), "version": "0.22",
        "vtigerVersion": call.world.options.version.as_str(),
    })))
}

/// The number of the user that is named; names are found without regard to case.
fn named_user(call: &Call<'_>) -> Result<u64, Refused> {
    let name = call.parameter("username");
    let users = &call.world.options.users;
    let found = users
        .iter()
        .find(|user| user.user_name.eq_ignore_ascii_case(name));
    found
        .map(|user| user.number)
        .ok_or_else(|| Refused::new("ACCESS_DENIED", "username does not exists"))
}

/// The user whose session a call names. Every call keeps the session awake.
pub(super) fn user(call: &mut Call<'_>) -> Result<u64, Refused> {
    let Some(name) = call.given("sessionName").map(str::to_owned) else {
        return Err(Refused::new("AUTHENTICATION_REQUIRED", "Authencation required"));
    };
    let now = call.now;
    let Some(session) = call.world.sessions.open.get_mut(&name) else {
        return Err(Refused::new(
            "INVALID_SESSIONID",
            "Session Identifier provided is Invalid",
        ));
    };
    if now - session.opened > SESSION_LASTS {
        return Err(Refused::new("SESSION_EXPIRED", "Session Life has expired"));
    }
    if now - session.used > SESSION_IDLES {
        return Err(Refused::new(
            "SESSION_LEFT_IDLE",
            "Session Left idle for too long",
        ));
    }
    session.used = now;
    Ok(session.user)
}

pub(super) fn extended(call: &Call<'_>, user: u64) -> Answer {
    success(&json!({
        "sessionName": call.parameter("sessionName"), "userId": call.world.id(Module::Users, user),
        "version": "0.22", "vtigerVersion": call.world.options.version.as_str(),
    }))
}

/// 8.2 fails and leaves the session open; 8.4 says the right thing with the wrong status.
pub(super) fn logout(call: &mut Call<'_>) -> Answer {
    match call.world.options.version {
        Version::V8_2 => Answer::empty(500),
        Version::V8_4 => {
            let name = call.parameter("sessionName").to_owned();
            call.world.sessions.open.remove(&name);
            Answer {
                status: 500,
                ..success(&json!({ "message": "successfull" }))
            }
        }
    }
}
