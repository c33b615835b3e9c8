//! What every CRM's connection offers beside the records: signing in, users, and the check of its set-up.

use connector_crm::crm::Level;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_engine::contract::remote::Sample;

use crate::contract::{Server, Tables};
use crate::hands::{change, contacts_of, copy_of};
use crate::{suitecrm, vtiger};

/// Plays each test at every CRM.
macro_rules! at_every_crm {
    ($($test:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $test() {
            played::$test(&suitecrm::Crm::for_the_laws(Tables::Whole).await).await;
            for release in [0, 1] {
                played::$test(&vtiger::Crm::for_the_laws(release, Tables::Whole).await).await;
            }
        })+
    };
}

at_every_crm!(
    a_good_set_up_passes_and_nothing_is_written,
    what_is_wrong_with_a_sign_in_is_named,
    users_are_found_by_address_with_their_zone,
    an_account_is_taken_where_one_has_the_name_and_left_alone_elsewhere,
);

mod played {
    use super::*;

    pub(super) async fn a_good_set_up_passes_and_nothing_is_written(crm: &impl Server) {
        let report = crm.connect().check().await;
        assert!(report.ok, "{report:?}");
        assert_eq!(crm.traffic().writes(), 0);
    }

    pub(super) async fn what_is_wrong_with_a_sign_in_is_named(crm: &impl Server) {
        for (auth, field) in crm.wrong_sign_ins() {
            let report = crm.connect_with(&auth).check().await;
            let errors = report
                .findings
                .iter()
                .filter(|finding| finding.level == Level::Error);
            let errors: Vec<_> = errors.collect();
            assert!(!report.ok && !errors.is_empty(), "{report:?}");
            assert_eq!(errors[0].field.as_deref(), Some(field));
            let told = errors.iter().any(|error| error.message.contains("wrong-one"));
            assert!(!told, "a secret is told: {errors:?}");
        }
    }

    pub(super) async fn users_are_found_by_address_with_their_zone(crm: &impl Server) {
        // More than a page of them.
        for number in 0..250 {
            crm.add_user(&format!("user{number}"), true);
        }
        crm.add_user("left", false);
        let connection = crm.connect();
        let anna = connection.user(&crm.user()).await.unwrap().unwrap();
        assert_eq!(
            (anna.id.as_str(), anna.name.as_str()),
            (crm.user().as_str(), "Anna Rossi")
        );
        assert_eq!(anna.email.as_deref(), Some("anna@example.com"));
        assert_eq!(anna.time_zone, Some(chrono_tz::Tz::Europe__Rome));
        let by_address = async |address: &str| connection.users_by_email(address).await.unwrap();
        assert_eq!(by_address("ANNA@example.com").await, [anna]);
        assert_eq!(by_address("user249@example.com").await.len(), 1);
        for nobody in [
            "left@example.com",
            "nobody@example.com",
            "anna@example.com.example.org",
        ] {
            assert_eq!(by_address(nobody).await, [], "{nobody}");
        }
    }

    pub(super) async fn an_account_is_taken_where_one_has_the_name_and_left_alone_elsewhere(
        crm: &impl Server,
    ) {
        for name in ["Verdi & 'Figli\\", "Twins", "Twins"] {
            crm.add_account(name);
        }
        let contacts = contacts_of(&*crm.connect(), &crm.user(), &["Google"]);
        let copy = copy_of("people/c1", ContactRecord::sample("Carla"));
        let mut seen = contacts.create(&copy).await.unwrap().observed;
        let verdi = "Verdi & 'Figli\\";
        for (name, expected) in [
            ("Nobody's", "Acme"),
            (verdi, verdi),
            ("verdi & 'figli\\", verdi),
            ("Twins", verdi),
            ("", verdi),
        ] {
            let update = change(
                &seen,
                |record| record.organization = name.to_owned(),
                &[ContactField::Organization],
            );
            seen = contacts.update(&update).await.unwrap();
            assert_eq!(seen.record.organization, expected, "{name}");
        }
    }
}
