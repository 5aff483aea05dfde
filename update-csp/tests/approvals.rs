//! Approvals and licence terms: nothing is approved before its terms are accepted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use syncml::{Data, Item, StatusCode};
use update_csp::approvals::{
    Approvable, ApprovalError, ApprovalLedger, Catalog, ClassMode, Decision, NoMetadata, NodeForm,
    Recommendation, Terms, UpdateFacts, UpdateMetadata, is_approved_by,
};
use update_csp::ddf::{CheckCode, Context};
use update_csp::{Classification, EulaId, Inventory, Query, UpdateGuid, nodes};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn it() -> Decision {
    Decision::new("j.doe", now())
}

fn guid(number: u128) -> UpdateGuid {
    UpdateGuid::from_u128(number)
}

fn eula(number: u128) -> EulaId {
    EulaId::from_u128(number)
}

fn device(installable: &[UpdateGuid], approved: &[UpdateGuid]) -> Inventory {
    let mut device = Inventory::default();
    for (query, ids) in [(Query::Installable, installable), (Query::Approved, approved)] {
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let item = Item::source(format!("./Vendor/MSFT/Update/{}", query.node()))
            .with_data(Data::text(names.join("/")));
        assert_eq!(device.apply(query, Some(StatusCode::OK), &[item]), []);
    }
    device
}

fn steps(ledger: &ApprovalLedger, device: &Inventory) -> Vec<UpdateGuid> {
    let plan = ledger.plan(device, &NoMetadata, NodeForm::Bare);
    plan.into_iter().map(|(id, _)| id).collect()
}

fn approve(ledger: &mut ApprovalLedger, update: UpdateGuid, terms: &Terms) -> bool {
    let proof = ledger.approvable(update, terms).unwrap();
    ledger.approve(proof, it())
}

#[test]
fn terms_are_accepted_once_by_somebody_at_some_time() {
    let mut ledger = ApprovalLedger::default();
    let terms = Terms::from(eula(7));
    let refused = Err(ApprovalError::EulasNotAccepted(vec![eula(7)]));
    assert_eq!(ledger.approvable(guid(1), &terms), refused);
    // The terms of another update do not help.
    let other = ledger.accept_eula(eula(8), it());
    assert_eq!(Approvable::new(guid(1), &terms, Some(other)), refused);

    let accepted = ledger.accept_eula(eula(7), it());
    assert_eq!((accepted.eula(), accepted.decision().by()), (eula(7), "j.doe"));
    // A second acceptance changes nothing: it is needed once for each set of terms.
    let again = ledger.accept_eula(eula(7), Decision::new("m.muster", now() + Duration::days(1)));
    assert_eq!(again, accepted);
    assert_eq!(ledger.eulas().count(), 2);
    // Two updates share them.
    assert!(approve(&mut ledger, guid(1), &terms));
    assert!(approve(&mut ledger, guid(2), &terms));
    assert!(!approve(&mut ledger, guid(2), &terms), "once");
    assert_eq!(ledger.approval(guid(1)).unwrap().at(), now());
}

#[test]
fn what_nobody_knows_cannot_be_approved() {
    let ledger = ApprovalLedger::default();
    let missing = Err(ApprovalError::MetadataMissing(guid(1)));
    assert_eq!(ledger.approvable(guid(1), &NoMetadata.terms(guid(1))), missing);
    let mut catalog = Catalog::default();
    assert_eq!(ledger.approvable(guid(1), &catalog.terms(guid(1))), missing);
    catalog.insert(guid(1), UpdateFacts::new("One", None));
    assert!(ledger.approvable(guid(1), &catalog.terms(guid(1))).is_ok());
}

#[test]
fn a_proof_takes_its_acceptance_along() {
    let mut first = ApprovalLedger::default();
    first.accept_eula(eula(7), it());
    let proof = first.approvable(guid(1), &Terms::from(eula(7))).unwrap();
    let mut second = ApprovalLedger::default();
    assert!(second.approve(proof, it()));
    assert!(second.is_accepted(eula(7)), "no ledger holds an approval without it");
}

#[test]
fn a_stored_ledger_is_checked_when_it_is_read() {
    let mut ledger = ApprovalLedger::default();
    ledger.accept_eula(eula(7), it());
    approve(&mut ledger, guid(1), &Terms::from(eula(7)));
    ledger.approve_classification(Classification::SECURITY_UPDATES, it());
    let json = serde_json::to_value(&ledger).unwrap();
    assert_eq!(serde_json::from_value::<ApprovalLedger>(json.clone()).unwrap(), ledger);

    let broken = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json = json.clone();
        change(&mut json);
        serde_json::from_value::<ApprovalLedger>(json).unwrap_err().to_string()
    };
    let unread = broken(&|json| json["eulas"] = serde_json::json!({}));
    assert!(unread.contains("have not been accepted"), "{unread}");
    assert!(broken(&|json| json["version"] = 3.into()).contains("version 3"));
    let time = broken(&|json| json["eulas"][eula(7).to_string()]["at"] = "yesterday".into());
    assert!(time.contains("yesterday"), "{time}");
}

#[test]
fn a_plan_is_minimal_and_only_for_what_the_device_can_install() {
    let [a, b, c] = [1, 2, 3].map(guid);
    let mut ledger = ApprovalLedger::default();
    for id in [a, b, c] {
        approve(&mut ledger, id, &Terms::None);
    }
    let device = device(&[a, b], &[a, guid(9)]);
    let plan = ledger.plan(&device, &NoMetadata, NodeForm::Bare);
    let ids: Vec<UpdateGuid> = plan.steps.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [Classification::DEFINITION_UPDATES.id(), b]);
    assert_eq!(plan.not_installable, [c]);
    assert_eq!(plan.not_in_ledger, [guid(9)]);
    assert_eq!(plan.recommendations, []);
    // What the device took is not sent again.
    let mut device = device;
    for (id, _) in plan {
        device.note_approved(id);
    }
    assert_eq!(steps(&ledger, &device), []);
    // Taking it back sends nothing: no documented command does.
    assert!(ledger.revoke(b) && !ledger.revoke(b));
    let plan = ledger.plan(&device, &NoMetadata, NodeForm::Bare);
    assert_eq!((plan.steps.len(), plan.not_in_ledger), (0, vec![b, guid(9)]));
}

#[test]
fn definition_updates_are_always_recommended() {
    let mut ledger = ApprovalLedger::default();
    let definitions = Classification::DEFINITION_UPDATES;
    assert!(ledger.is_approved(guid(1), Some(definitions)), "from the beginning");
    assert_eq!(steps(&ledger, &device(&[], &[])), [definitions.id()]);
    assert!(ledger.revoke_classification(definitions));
    let plan = ledger.plan(&device(&[], &[]), &NoMetadata, NodeForm::Bare);
    assert_eq!(plan.recommendations, [Recommendation::ApproveDefinitionUpdates]);
    assert!(ledger.approve_classification(definitions, it()));
    assert_eq!(steps(&ledger, &device(&[], &[])), [definitions.id()]);
    let nothing_asked = ledger.plan(&Inventory::default(), &NoMetadata, NodeForm::Bare);
    assert_eq!(
        nothing_asked.recommendations,
        [Recommendation::AskFirst(Query::Installable), Recommendation::AskFirst(Query::Approved)]
    );
}

#[test]
fn an_approved_class_still_waits_for_terms() {
    let security = Classification::SECURITY_UPDATES;
    let mut catalog = Catalog::default();
    catalog.insert(guid(1), UpdateFacts::new("Free", Some(security)));
    catalog.insert(guid(2), UpdateFacts::new("With terms", Some(security)).with_eula(eula(7)));
    catalog.insert(guid(3), UpdateFacts::new("Driver", Some(Classification::DRIVERS)));
    let mut ledger = ApprovalLedger::default();
    assert!(ledger.approve_classification(security, it()));
    assert!(!ledger.approve_classification(security, it()));
    let device = device(&[guid(1), guid(2), guid(3), guid(4)], &[security.id()]);
    let plan = ledger.plan(&device, &catalog, NodeForm::Bare);
    let ids: Vec<UpdateGuid> = plan.steps.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [Classification::DEFINITION_UPDATES.id(), guid(1)]);
    assert_eq!(plan.held, [(guid(2), ApprovalError::EulasNotAccepted(vec![eula(7)]))]);
    assert_eq!(plan.not_in_ledger, [security.id()], "the device installs guid(2) by its class");

    let due = ledger.terms_due([&device, &device], &catalog);
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].eula, &due[0].updates), (eula(7), &vec![guid(2)]));
    ledger.accept_eula(eula(7), it());
    assert!(ledger.terms_due([&device], &catalog).is_empty());
    assert!(ledger.covers(guid(2), &catalog));
    let plan = ledger.plan(&device, &catalog, NodeForm::Bare);
    assert_eq!((plan.steps.len(), plan.held.len()), (3, 0));

    // On the device itself only where somebody says so in as many words.
    assert!(ledger.approve_classification_unseen(security, it()));
    let modes: Vec<(Classification, ClassMode)> =
        ledger.classifications().map(|(class, mode, _)| (class, mode)).collect();
    assert!(modes.contains(&(security, ClassMode::OnDevice)));
    assert_eq!(ledger.plan(&device, &catalog, NodeForm::Bare).not_in_ledger, []);
    assert!(ledger.covers(guid(2), &catalog) && !ledger.covers(guid(3), &catalog));
}

/// ApprovedUpdates: the terms are presented first, whatever was approved before they were there.
#[test]
fn terms_that_a_later_revision_brings_hold_an_approved_update_back() {
    let mut ledger = ApprovalLedger::default();
    approve(&mut ledger, guid(1), &Terms::None);
    let definitions = Classification::DEFINITION_UPDATES.id();
    let known = device(&[guid(1)], &[definitions]);
    let mut catalog = Catalog::default();
    assert_eq!(steps(&ledger, &known), [guid(1)], "nobody has the metadata any more");
    catalog.insert(guid(1), UpdateFacts::new("Revision 2", None).with_eula(eula(7)));
    let plan = ledger.plan(&known, &catalog, NodeForm::Bare);
    assert_eq!(plan.steps, []);
    assert_eq!(plan.held, [(guid(1), ApprovalError::EulasNotAccepted(vec![eula(7)]))]);
    assert!(!ledger.covers(guid(1), &catalog) && ledger.covers(guid(1), &NoMetadata));
    assert_eq!(ledger.terms_due([&known], &catalog).len(), 1);
    // A device that took the approval before has it from this ledger.
    let took = device(&[guid(1)], &[definitions, guid(1)]);
    assert_eq!(ledger.plan(&took, &catalog, NodeForm::Bare).not_in_ledger, []);
    ledger.accept_eula(eula(7), it());
    let plan = ledger.plan(&known, &catalog, NodeForm::Bare);
    assert_eq!((plan.steps.len(), plan.held.len()), (1, 0));
    assert!(ledger.covers(guid(1), &catalog));
}

#[test]
fn both_forms_of_the_node_are_written_and_the_tree_takes_them() {
    let id: UpdateGuid = "a317dafe-baf4-453f-b232-a7075efae36e".parse().unwrap();
    let mut ledger = ApprovalLedger::default();
    approve(&mut ledger, id, &Terms::None);
    let device = device(&[id], &[Classification::DEFINITION_UPDATES.id()]);
    for (form, name) in [
        (NodeForm::Bare, "a317dafe-baf4-453f-b232-a7075efae36e"),
        (NodeForm::Braced, "%7Ba317dafe-baf4-453f-b232-a7075efae36e%7D"),
    ] {
        let plan = ledger.plan(&device, &NoMetadata, form);
        let [(_, command)] = plan.steps.as_slice() else { panic!("one step") };
        let uri = format!("./Vendor/MSFT/Update/ApprovedUpdates/{name}");
        assert_eq!(command.items()[0].loc_uri(), Some(&*uri));
        let found = nodes::check(std::slice::from_ref(command), &Context::default());
        assert!(found.iter().all(|found| found.code == CheckCode::AddByParent), "{found:?}");
    }
    assert!(is_approved_by(StatusCode::OK) && is_approved_by(StatusCode::ALREADY_EXISTS));
    assert!(!is_approved_by(StatusCode::METHOD_NOT_ALLOWED));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever IT does in whatever order, no plan has an update whose terms nobody accepted.
    #[test]
    fn no_plan_has_an_update_with_unread_terms(
        actions in proptest::collection::vec((0..5u8, 1..6u128), 0..24),
    ) {
        let classes = [Classification::SECURITY_UPDATES, Classification::UPGRADES];
        let mut catalog = Catalog::default();
        for number in 1..6u128 {
            let class = classes[usize::try_from(number % 2).unwrap()];
            let facts = UpdateFacts::new("Update", Some(class));
            catalog.insert(guid(number), match number {
                1 | 2 => facts,
                3 => facts.with_eula(eula(1)),
                4 => facts.with_eula(eula(1)).with_eula(eula(2)),
                _ => facts.with_eula(eula(2)).with_terms(Terms::Unknown),
            });
        }
        let all: Vec<UpdateGuid> = (1..6).map(guid).collect();
        let device = device(&all, &[]);
        let mut ledger = ApprovalLedger::default();
        let mut read = Vec::new();
        for (action, number) in actions {
            match action {
                0 => {
                    ledger.accept_eula(eula(number / 2), it());
                    read.push(eula(number / 2));
                }
                1 => {
                    if let Ok(proof) = ledger.approvable(guid(number), &catalog.terms(guid(number))) {
                        ledger.approve(proof, it());
                    }
                }
                2 => {
                    ledger.approve_classification(classes[usize::try_from(number % 2).unwrap()], it());
                }
                3 => {
                    ledger.revoke(guid(number));
                }
                _ => {
                    let json = serde_json::to_string(&ledger).unwrap();
                    ledger = serde_json::from_str(&json).unwrap();
                }
            }
            for (id, _) in ledger.plan(&device, &catalog, NodeForm::Bare) {
                if id == Classification::DEFINITION_UPDATES.id() {
                    continue;
                }
                let terms = catalog.terms(id);
                prop_assert!(terms.is_complete() && terms.eulas().all(|eula| read.contains(&eula)));
            }
        }
    }
}
