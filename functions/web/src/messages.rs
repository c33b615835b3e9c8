//! Every sentence that a handler says, in one place. They are in English, as programs are told them; a page says
//! them in its language, which the catalogue finds by these very words (`locales/en/told.ftl`).

use sync_core::kind::Kind;

/// What a page of refusal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message {
    /// What happened, as a heading.
    pub(crate) title: &'static str,
    /// Why.
    pub(crate) text: &'static str,
    /// What to do.
    pub(crate) advice: &'static str,
}

const fn message(title: &'static str, text: &'static str, advice: &'static str) -> Message {
    Message { title, text, advice }
}

// Problems of calls.
pub(crate) const FIELDS: &str = "Some fields are missing, unknown or wrong";
pub(crate) const FIELDS_DETAIL: &str = "Nothing was changed. See errors for each field.";
pub(crate) const NOT_JSON: &str = "The body is not JSON";
pub(crate) const NOT_JSON_DETAIL: &str = "Nothing was changed. Send one JSON value.";
pub(crate) const TOO_LARGE: &str = "The body is too large";
pub(crate) const TOO_LARGE_DETAIL: &str = "Nothing was changed. At most 64 KiB are taken.";
pub(crate) const NOT_FOUND: &str = "There is no such thing";
pub(crate) const CONFLICT: &str = "This cannot be done as things stand";
pub(crate) const UNAUTHORIZED: &str = "The administrator's key is needed";
pub(crate) const UNAUTHORIZED_DETAIL: &str = "Send it as Authorization: Bearer, followed by the key.";
pub(crate) const TOO_MANY_TRIES: &str = "Too many wrong keys were tried";
pub(crate) const TOO_MANY_TRIES_DETAIL: &str =
    "Too many wrong keys were tried. Wait a quarter of an hour and try again.";
pub(crate) const UNAVAILABLE: &str = "A part of this installation does not answer";
pub(crate) const INTERNAL: &str = "Something went wrong here";
pub(crate) const INTERNAL_DETAIL: &str = "The fault is ours and has been logged. Try again later.";
pub(crate) const WRONG_METHOD: &str = "This address takes other methods";
pub(crate) const WRONG_METHOD_DETAIL: &str = "See the Allow header for those it takes.";
pub(crate) const REMOTE_AWAY: &str = "The other side does not answer";
pub(crate) const REMOTE_REFUSED: &str = "The other side refused";
pub(crate) const CHECK_FAILED: &str = "The check found something wrong";
pub(crate) const CHECK_FAILED_DETAIL: &str =
    "See errors for each field of the registration that is at fault.";

pub(crate) const UNKNOWN_ADDRESS: &str = "Nothing is at this address.";
pub(crate) const UNKNOWN_CRM: &str = "No CRM is registered under this name.";
pub(crate) const UNKNOWN_LINK: &str = "This user of the CRM is not linked with a Google account.";
pub(crate) const UNKNOWN_ENTRY: &str = "There is no such entry in the journal.";
pub(crate) const ALREADY_RESTORED: &str = "This value was put back before.";
pub(crate) const RUN_AT_WORK: &str = "A run is at work. Try again when it has ended.";
pub(crate) const MUST_AUTHORIZE: &str = "The user must authorise access to Google first.";
pub(crate) const NOTHING_HELD: &str = "Nothing is held, so there is nothing to confirm.";
pub(crate) const CHANGED_MEANWHILE: &str =
    "Somebody else changed this at the same time. Look at it again and repeat.";
pub(crate) const STORE_AWAY: &str = "The store did not answer. Try again.";
pub(crate) const SECRETS_AWAY: &str = "The secret store did not answer. Try again.";
pub(crate) const SCHEDULER_AWAY: &str = "The scheduler did not answer. Try again.";

// Fields.
pub(crate) const MUST_BE_OBJECT: &str = "the body must be a JSON object";
pub(crate) const NAME_TAKEN: &str = "is taken by another CRM";
pub(crate) const UNKNOWN_FIELD: &str = "is not a field of a registration";
pub(crate) const SLUG: &str = "must be 1 to 40 of the characters a-z, 0-9 and -";
pub(crate) const LABEL: &str = "must be a text of 1 to 100 characters";
pub(crate) const ADDRESS: &str = "must be an address such as https://crm.example.com, without ? or #";
pub(crate) const AUTH_NEEDED: &str = "is needed: an object with the sign-in that this kind of CRM takes";
pub(crate) const LIMIT: &str = "must be a number from 1 to 200";
pub(crate) const CURSOR: &str = "must be a next_cursor of this list";
pub(crate) const TRUE_OR_FALSE: &str = "must be true or false";
pub(crate) const WAIT: &str = "must be true or false";
pub(crate) const WRONG_CLIENT: &str = "Google does not know this client id with this secret: upload the client's file again, or make a new secret in Google's console";
pub(crate) const WRONG_REDIRECT: &str = "Google does not take our redirect address for this client: add it to the client's authorised redirect URIs in Google's console";

// Pages of refusal.
pub(crate) const PAGE_NOT_FOUND: Message = message(
    "Nothing is here",
    "There is no page at this address.",
    "Check the address, or go back to your CRM and follow its link again.",
);
pub(crate) const PAGE_PROBLEM: Message = message(
    "Something went wrong",
    "The fault is ours and has been logged.",
    "Try again in a few minutes.",
);
pub(crate) const PAGE_TOO_LARGE: Message = message(
    "That is too large",
    "At most 64 KiB can be sent.",
    "Upload the file as Google's console gave it.",
);
pub(crate) const FORM_EXPIRED: Message = message(
    "This page has expired",
    "The form was not made for your present session, so nothing was changed.",
    "Go back, load the page again, and repeat.",
);
pub(crate) const CRM_UNKNOWN: Message = message(
    "This CRM is not registered",
    "The link names a CRM that this installation does not know.",
    "Ask your administrator for the right link.",
);
pub(crate) const NO_GOOGLE_CLIENT: Message = message(
    "Google access is not set up yet",
    "Your administrator has not installed the Google client for this CRM, so access cannot be authorised.",
    "Ask your administrator to upload it, then follow the link again.",
);
pub(crate) const LINK_INVALID: Message = message(
    "This link is not valid",
    "It was not signed by your CRM with a key that is good, or it was made for another CRM.",
    "Go back to your CRM and press Authorise again. If this page returns, tell your administrator.",
);
pub(crate) const LINK_EXPIRED: Message = message(
    "This link has expired",
    "A link from the CRM is good for a few minutes only.",
    "Go back to your CRM and press Authorise again.",
);
pub(crate) const LINK_USED: Message = message(
    "This link was used already",
    "A link from the CRM is good once, and only in the browser that opened it first.",
    "Go back to your CRM and press Authorise again.",
);
pub(crate) const RETURN_ELSEWHERE: Message = message(
    "This link leads elsewhere",
    "It asks to go on to an address that is not your CRM's, so it was not followed.",
    "Tell your administrator.",
);
pub(crate) const STATE_UNKNOWN: Message = message(
    "This sign-in cannot be finished",
    "It took longer than ten minutes, was finished before, or began in another browser.",
    "Go back to your CRM and press Authorise again.",
);
pub(crate) const DENIED: Message = message(
    "Access was not granted",
    "You chose not to grant access to your Google account. Nothing was linked and nothing was changed.",
    "If this was not what you wanted, follow the link from your CRM again.",
);
pub(crate) const CODE_EXPIRED: Message = message(
    "Google's answer has expired",
    "The permission that Google sent was used already or is too old.",
    "Go back to your CRM and press Authorise again.",
);
pub(crate) const CLIENT_REFUSED: Message = message(
    "Google refused this installation",
    "Google does not accept the client that your administrator installed: its id, secret or redirect address is wrong.",
    "Tell your administrator. The check on the administration page names what is wrong.",
);
pub(crate) const REDIRECT_REFUSED: Message = message(
    "Google refused the way back",
    "Google does not know the address of this installation as one to come back to.",
    "Tell your administrator: the redirect address on the administration page must be one of the client's authorised redirect URIs in Google's console.",
);
pub(crate) const DOMAIN_REFUSED: Message = message(
    "Your organisation does not allow this",
    "The administrator of your Google account does not let this program have the access it asks for.",
    "Ask the administrator of your Google Workspace to trust this program, then follow the link again.",
);
pub(crate) const GOOGLE_REFUSED: Message = message(
    "Google did not let you through",
    "Google ended the sign-in before you could decide. Nothing was linked and nothing was changed.",
    "Follow the link again. If this page returns, tell your administrator: an app in status Testing takes only the accounts listed as its test users.",
);
pub(crate) const GOOGLE_AWAY: Message = message(
    "Google does not answer",
    "Google's sign-in is busy or away.",
    "Follow the link again in a few minutes.",
);
pub(crate) const NO_REFRESH_TOKEN: Message = message(
    "Google did not grant lasting access",
    "Without it your calendars could be kept in step for an hour only, so nothing was linked.",
    "Remove this program's access in your Google account under Security, then follow the link again.",
);
pub(crate) const EMAIL_NOT_VERIFIED: Message = message(
    "Your e-mail address could not be confirmed",
    "Google does not vouch for an e-mail address of this account, so you could not be found in the CRM.",
    "Use the Google account with your work address, or follow the Authorise link in your CRM.",
);
pub(crate) const NO_MATCH: Message = message(
    "You were not found in the CRM",
    "No active user of the CRM has the e-mail address of this Google account.",
    "Use the Google account with your work address, or ask your administrator to correct your address in the CRM.",
);
pub(crate) const MANY_MATCHES: Message = message(
    "More than one user of the CRM has your address",
    "It cannot be told which of them you are, so nothing was linked.",
    "Ask your administrator to correct the addresses, or follow the Authorise link in your CRM.",
);
pub(crate) const CRM_AWAY: Message = message(
    "The CRM does not answer",
    "You could not be looked up in the CRM, so nothing was linked.",
    "Follow the link again in a few minutes. If this page returns, tell your administrator.",
);
pub(crate) const NOT_SIGNED_IN: Message = message(
    "You are not signed in",
    "This page belongs to one user, and this browser has not been used to sign in lately.",
    "Open it from your CRM: press Authorise there.",
);
pub(crate) const UNAVAILABLE_PAGE: Message = message(
    "Not now",
    "A part of this installation does not answer.",
    "Try again in a few minutes.",
);

pub(crate) const GONE: Message = message(
    "Disconnected",
    "Access to your Google account was taken back. Meetings and events stay as they are on both sides.",
    "You can link again at any time from your CRM.",
);
pub(crate) const GONE_HERE: Message = message(
    "Disconnected here",
    "Nothing is synced any more, and all access kept here was deleted. Google did not answer when it was asked to end the access.",
    "Remove this program's access in your Google account, under Security, as well.",
);
pub(crate) const GONE_SHARED: Message = message(
    "Disconnected",
    "Nothing is synced any more. Another link uses the same access to your Google account, so the access itself was not ended.",
    "Disconnect the other link too, or remove this program's access in your Google account under Security.",
);
pub(crate) const SIGNED_OUT: Message = message(
    "Signed out",
    "This browser can no longer see your sync page.",
    "Open it again from your CRM.",
);

// How an account link stands.
pub(crate) const ENDED_AFTER_A_WEEK: &str = "The access ended seven days after it was given. That is what Google does to apps in status Testing: ask your administrator to publish the app in Google's console, or this will happen again in a week.";
pub(crate) const ENDS_BY_ITSELF: &str = "Then Google will end this access by itself. Unless you chose so, the app is in status Testing: ask your administrator to publish it in Google's console.";

/// What is said of a kind of record that Google does not let us touch.
pub(crate) fn unticked(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "You did not allow access to your calendar, so meetings and calls are switched off.",
        Kind::Task => "You did not allow access to your tasks, so they are not kept in step.",
        Kind::Contact => "You did not allow access to your contacts, so they are not kept in step.",
    }
}

// What an action on a page did.
pub(crate) const WRONG_KEY: &str = "This is not the administrator's key.";
pub(crate) const FILE_MISSING: &str = "choose the file from Google's console first";

/// The sentence for what an action on a page did, by the word in the page's address.
pub(crate) fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "linked" => "Your accounts are linked. The first sync has been started.",
        "switched" => {
            "Another Google account is linked now. What was linked with the one before is no longer kept in step; nothing in it was changed."
        }
        "registered" => "The CRM is registered.",
        "saved" => "Saved.",
        "client-installed" => "The Google client is configured.",
        "client-removed" => "The Google client was removed.",
        "started" => "A sync has been started.",
        "paused" => "Sync is switched off.",
        "resumed" => "Sync is switched on.",
        "confirmed" => "Confirmed: the deletions that were held go on now.",
        "removed" => "The CRM and its links were removed. No data in it was changed.",
        "not-removed" => "Nothing was removed: the name typed in is another.",
        "disconnected" => "Disconnected. Access was taken back at Google; no data was changed.",
        "disconnected-here" => {
            "Disconnected here. Google did not answer, so the user should also remove the access in their Google account."
        }
        "disconnected-shared" => {
            "Disconnected. Another link uses the same access at Google, so the access itself was not ended; no data was changed."
        }
        "restored" => "The value was put back; the next sync carries it over.",
        _ => return None,
    })
}
