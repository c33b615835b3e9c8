//! From the CRM's link to the linked account, and every way in which that is refused.

use chrono_tz::Tz;
use serde_json::{Value, json};
use simulators::google::{Consent, GoogleAccount};

use crate::rig::{
    ANNA, ANNA_MAIL, BEN, BEN_MAIL, Browser, CRM, Kind, LinkToken, Options, Rig, linked_to, over_every_crm,
};

const CALENDAR_EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
const CALENDAR_LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";

async fn the_crms_link_leads_through_google_back_to_the_crm(kind: Kind) {
    let rig = Rig::start(kind).await;
    let token = rig.token(CRM, ANNA).await.signed();
    let mut browser = Browser::new();
    let page = browser.open(&rig.authorize_url(CRM, &token)).await;
    assert!(page.text.contains("The CRM"), "{}", page.text);
    assert!(
        page.text.contains(&rig.crm.id_of(ANNA)),
        "the page shows who will be linked"
    );
    let back = rig.consent(&mut browser, &page, Consent::all(ANNA_MAIL)).await;
    assert_eq!(
        back.redirect(),
        format!("{}&google_sync=connected", rig.return_url())
    );
    assert_eq!(linked_to(&rig, CRM, ANNA).await.as_deref(), Some(ANNA_MAIL));
    assert_eq!(rig.state(ANNA).await, "active");
    let me = browser.open(&format!("{}/me", rig.base)).await;
    assert_eq!(me.status, 200);
    assert!(me.text.contains(ANNA_MAIL), "{}", me.text);
}

async fn a_denied_consent_links_nobody_and_says_so_to_the_crm(kind: Kind) {
    let rig = Rig::start(kind).await;
    let token = rig.token(CRM, ANNA).await.signed();
    let mut browser = Browser::new();
    let page = browser.open(&rig.authorize_url(CRM, &token)).await;
    let denied = Consent {
        allow: false,
        ..Consent::all(ANNA_MAIL)
    };
    let back = rig.consent(&mut browser, &page, denied).await;
    assert_eq!(
        back.redirect(),
        format!("{}&google_sync=denied", rig.return_url())
    );
    assert_eq!(linked_to(&rig, CRM, ANNA).await, None);
}

async fn a_link_is_good_once_and_in_the_browser_that_opened_it(kind: Kind) {
    let rig = Rig::start(kind).await;
    let address = rig.authorize_url(CRM, &rig.token(CRM, ANNA).await.signed());
    let (mut hers, mut thiefs) = (Browser::new(), Browser::new());
    let page = hers.open(&address).await;
    assert_eq!(
        hers.open(&address).await.status,
        200,
        "a page may be loaded again while its consent is under way"
    );
    assert_eq!(thiefs.open(&address).await.status, 400);

    // The thief gets hold of the callback's address before she follows it: it opens for her browser alone.
    rig.google.set_consent(Some(Consent::all(ANNA_MAIL)));
    let at_google = hers.open(&page.link_to(&rig.google.auth_url())).await;
    assert_eq!(thiefs.open(at_google.redirect()).await.status, 400);
    assert_eq!(linked_to(&rig, CRM, ANNA).await, None);
    assert!(hers.open(at_google.redirect()).await.leads_to.is_some());
    assert_eq!(linked_to(&rig, CRM, ANNA).await.as_deref(), Some(ANNA_MAIL));

    assert_eq!(
        hers.open(at_google.redirect()).await.status,
        400,
        "a state is good once"
    );
    assert_eq!(
        hers.open(&address).await.status,
        400,
        "a used link is good no more"
    );
}

async fn a_link_that_the_crm_did_not_make_for_this_is_refused(kind: Kind) {
    let rig = Rig::start(kind).await;
    let good = rig.token(CRM, ANNA).await;
    let with = |name: &str, value: Value| {
        let mut token = good.clone();
        token.claims[name] = value;
        token
    };
    let issued = rig.clock.now().timestamp();
    let mut unsigned: LinkToken = good.clone();
    unsigned.header["alg"] = json!("none");
    let refused = [
        ("another key", good.signed_with("another key")),
        ("no algorithm", unsigned.signed()),
        ("another CRM", with("iss", json!("other")).signed()),
        ("too long a life", with("exp", json!(issued + 601)).signed()),
        ("made in the future", with("iat", json!(issued + 250)).signed()),
        (
            "leads elsewhere",
            with("return_url", json!("https://elsewhere.example/")).signed(),
        ),
        (
            "leads to another port",
            with("return_url", json!("http://127.0.0.1:1/")).signed(),
        ),
        ("no token at all", "nonsense".to_owned()),
    ];
    for (why, token) in refused {
        let page = Browser::new().open(&rig.authorize_url(CRM, &token)).await;
        assert_eq!(page.status, 400, "{why}: {}", page.text);
        assert!(!page.text.contains(&rig.google.auth_url()), "{why}");
    }
    rig.later(7);
    let page = Browser::new().open(&rig.authorize_url(CRM, &good.signed())).await;
    assert_eq!(page.status, 400, "past its end: {}", page.text);
    assert_eq!(linked_to(&rig, CRM, ANNA).await, None);
}

async fn without_a_token_the_verified_address_finds_the_user(kind: Kind) {
    let mut options = Options::of(kind);
    options
        .google
        .accounts
        .push(GoogleAccount::new("stranger@example.org", Tz::Europe__Rome));
    let rig = Rig::with(options).await;
    rig.crm.add_user("ben2", BEN_MAIL);
    let sign_in = async |email: &str| {
        let mut browser = Browser::new();
        let page = browser.open(&format!("{}/authorize?crm={CRM}", rig.base)).await;
        rig.consent(&mut browser, &page, Consent::all(email)).await
    };
    let found = sign_in(ANNA_MAIL).await;
    assert!(
        found.redirect().starts_with(&format!("{}/me", rig.base)),
        "{found:?}"
    );
    assert_eq!(linked_to(&rig, CRM, ANNA).await.as_deref(), Some(ANNA_MAIL));

    let nobody = sign_in("stranger@example.org").await;
    assert_eq!(nobody.status, 403);
    assert!(nobody.text.contains("not found in the CRM"), "{}", nobody.text);
    let two = sign_in(BEN_MAIL).await;
    assert_eq!(two.status, 403);
    assert!(two.text.contains("More than one user"), "{}", two.text);
    assert_eq!(linked_to(&rig, CRM, BEN).await, None);
    let links = rig.call("GET", &format!("/crms/{CRM}/links"), None).await.good();
    assert_eq!(links["items"].as_array().map(Vec::len), Some(1));
}

async fn an_unticked_calendar_switches_the_kind_off_until_it_is_granted(kind: Kind) {
    let rig = Rig::start(kind).await;
    rig.anna()
        .create_meeting("Offer", rig.clock.now(), std::time::Duration::from_mins(30))
        .unwrap();
    let mut browser = Browser::new();
    let token = rig.token(CRM, ANNA).await.signed();
    let page = browser.open(&rig.authorize_url(CRM, &token)).await;
    let unticked = Consent {
        untick: vec![CALENDAR_EVENTS.to_owned(), CALENDAR_LIST.to_owned()],
        ..Consent::all(ANNA_MAIL)
    };
    rig.consent(&mut browser, &page, unticked).await;
    let settings = rig.of_link("GET", ANNA, "/settings", None).await.good();
    assert_eq!(settings["events"]["enabled"], false);
    let run = rig.sync().await;
    run.changed_nothing();
    assert_eq!(
        run.requests.google, 0,
        "nothing may be asked of what was not granted"
    );

    rig.link(ANNA, ANNA_MAIL).await;
    let settings = rig.of_link("GET", ANNA, "/settings", None).await.good();
    assert_eq!(settings["events"]["enabled"], true);
    assert_eq!(rig.sync().await.ok().to_google(), (1, 0, 0));
}

over_every_crm! {
    #[tokio::test]
    the_crms_link_leads_through_google_back_to_the_crm,
    a_denied_consent_links_nobody_and_says_so_to_the_crm,
    a_link_is_good_once_and_in_the_browser_that_opened_it,
    a_link_that_the_crm_did_not_make_for_this_is_refused,
    without_a_token_the_verified_address_finds_the_user,
    an_unticked_calendar_switches_the_kind_off_until_it_is_granted,
}
