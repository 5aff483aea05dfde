//! Licence terms of every kind: several, some that nothing identifies, and some that nobody knows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use update_csp::approvals::{
    Approvable, ApprovalError, ApprovalLedger, Catalog, Decision, NodeForm, Terms, UpdateFacts,
    UpdateMetadata,
};
use update_csp::compliance::{Judge, Need, Standing};
use update_csp::hresult::HResult;
use update_csp::inventory::{Entry, ScanTime};
use update_csp::{Classification, EulaId, Inventory, UpdateGuid};

fn it() -> Decision {
    Decision::new("j.doe", DateTime::<Utc>::UNIX_EPOCH)
}

fn guid(number: u128) -> UpdateGuid {
    UpdateGuid::from_u128(number)
}

fn eula(number: u128) -> EulaId {
    EulaId::from_u128(number)
}

fn eulas(numbers: &[u128]) -> Terms {
    Terms::Eulas(numbers.iter().copied().map(eula).collect())
}

/// A device that can install these and knows definition updates as approved.
fn device(numbers: &[u128]) -> Inventory {
    let mut device = Inventory::default();
    let list = |ids: &[UpdateGuid]| Some(ids.iter().map(|id| (*id, Entry::default())).collect());
    device.installable = list(&numbers.iter().copied().map(guid).collect::<Vec<_>>());
    device.approved = list(&[Classification::DEFINITION_UPDATES.id()]);
    device
}

fn planned(ledger: &ApprovalLedger, device: &Inventory, catalog: &Catalog) -> Vec<UpdateGuid> {
    ledger.plan(device, catalog, NodeForm::Bare).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn each_of_several_terms_has_to_be_accepted() {
    let mut catalog = Catalog::default();
    let security = Classification::SECURITY_UPDATES;
    let bundle = UpdateFacts::new("A bundle", Some(security)).with_eula(eula(7)).with_eula(eula(8));
    catalog.insert(guid(1), bundle);
    let terms = catalog.terms(guid(1));
    assert_eq!(terms, eulas(&[7, 8]));
    let refused = |missing: &[u128]| {
        let missing = missing.iter().copied().map(eula).collect();
        Err(ApprovalError::EulasNotAccepted(missing))
    };
    let mut ledger = ApprovalLedger::default();
    ledger.approve_classification(security, it());
    let device = device(&[1]);
    assert_eq!(ledger.approvable(guid(1), &terms), refused(&[7, 8]));
    assert_eq!(ledger.terms_due([&device], &catalog).len(), 2);
    let words = ledger.approvable(guid(1), &terms).unwrap_err().to_string();
    assert!(words.contains(&format!("{}, {}", eula(7), eula(8))), "{words}");

    // One is not both, to the ledger, to a plan, to a report and to a proof.
    let seven = ledger.accept_eula(eula(7), it());
    assert_eq!(ledger.approvable(guid(1), &terms), refused(&[8]));
    assert_eq!(Approvable::new(guid(1), &terms, Some(seven.clone())), refused(&[8]));
    let twice = [seven.clone(), seven.clone()];
    assert_eq!(Approvable::new(guid(1), &terms, twice), refused(&[8]));
    let plan = ledger.plan(&device, &catalog, NodeForm::Bare);
    assert_eq!((plan.steps.len(), plan.held), (0, vec![(guid(1), refused(&[8]).unwrap_err())]));
    assert!(!ledger.covers(guid(1), &catalog));
    let judge = Judge::new(&catalog).with_approvals(&ledger);
    let report = judge.judge(&device, DateTime::UNIX_EPOCH);
    assert_eq!(report.updates[&guid(1)], Standing::Needed(Need::EulaMissing(eula(8))));
    let due = ledger.terms_due([&device], &catalog);
    assert_eq!((due.len(), due[0].eula, &due[0].updates), (1, eula(8), &vec![guid(1)]));

    let eight = ledger.accept_eula(eula(8), it());
    let other = ledger.accept_eula(eula(9), it());
    let proof = Approvable::new(guid(1), &terms, [other, eight, seven]).unwrap();
    let taken: Vec<EulaId> = proof.accepted().map(|accepted| accepted.eula()).collect();
    assert_eq!(taken, [eula(7), eula(8)], "one for each, and none besides");
    let mut second = ApprovalLedger::default();
    assert!(second.approve(proof, it()));
    assert!(second.is_accepted(eula(7)) && second.is_accepted(eula(8)));
    assert!(!second.is_accepted(eula(9)));
    assert_eq!(planned(&ledger, &device, &catalog), [guid(1)]);
    // Stored, each is looked for.
    let mut json = serde_json::to_value(&second).unwrap();
    assert_eq!(serde_json::from_value::<ApprovalLedger>(json.clone()).unwrap(), second);
    json["eulas"].as_object_mut().unwrap().remove(&eula(8).to_string());
    let error = serde_json::from_value::<ApprovalLedger>(json).unwrap_err().to_string();
    assert!(error.contains(&eula(8).to_string()), "{error}");
}

#[test]
fn texts_that_identify_nothing_are_the_updates_own_terms_and_never_none() {
    let text = "{5D6DEDE6-84BA-4C4A-931D-62D9C9C2A99D}";
    let id: EulaId = text.parse().unwrap();
    assert_eq!(Terms::named(guid(1), [text]), Terms::from(id));
    assert_eq!(Terms::named(guid(1), [text, "5d6dede6-84ba-4c4a-931d-62d9c9c2a99d"]), id.into());
    assert_eq!(Terms::named(guid(1), None::<&str>), Terms::None);
    for text in ["Fabrikam-EULA-3", "5d6dede684ba4c4a931d62d9c9c2a99d", "", " "] {
        assert_eq!(Terms::named(guid(1), [text]), Terms::own(guid(1)), "{text:?}");
    }
    let both = Terms::named(guid(1), [text, "Fabrikam-EULA-3"]);
    assert_eq!(both.eulas().collect::<BTreeSet<_>>(), [id, EulaId::of_update(guid(1))].into());

    // They are accepted for this update alone, though another names the same text.
    let mut ledger = ApprovalLedger::default();
    ledger.accept_eula(EulaId::of_update(guid(1)), it());
    assert!(ledger.approvable(guid(1), &Terms::named(guid(1), ["Fabrikam-EULA-3"])).is_ok());
    let other = ledger.approvable(guid(2), &Terms::named(guid(2), ["Fabrikam-EULA-3"]));
    assert_eq!(other, Err(ApprovalError::EulasNotAccepted(vec![EulaId::of_update(guid(2))])));
}

#[test]
fn an_update_of_which_parts_are_missing_waits_for_them_and_others_do_not() {
    let mut catalog = Catalog::default();
    let own = |title: &str| UpdateFacts::new(title, Some(Classification::SECURITY_UPDATES));
    catalog.insert(guid(1), own("Part missing").with_eula(eula(7)).with_terms(Terms::Unknown));
    catalog.insert(guid(2), own("No bundle"));
    assert!(!catalog.terms(guid(1)).is_complete() && catalog.terms(guid(2)).is_complete());
    let mut ledger = ApprovalLedger::default();
    ledger.approve_classification(Classification::SECURITY_UPDATES, it());
    let device = device(&[1, 2, 3]);
    assert_eq!(planned(&ledger, &device, &catalog), [guid(2)]);
    // What is known of the terms can be read meanwhile; it is not enough.
    let refused = |ledger: &ApprovalLedger| ledger.approvable(guid(1), &catalog.terms(guid(1)));
    let seven = Err(ApprovalError::EulasNotAccepted(vec![eula(7)]));
    assert_eq!(refused(&ledger), seven);
    assert_eq!(ledger.terms_due([&device], &catalog).len(), 1);
    ledger.accept_eula(eula(7), it());
    assert_eq!(refused(&ledger), Err(ApprovalError::TermsIncomplete(guid(1))));
    let plan = ledger.plan(&device, &catalog, NodeForm::Bare);
    assert_eq!(plan.held, [(guid(1), ApprovalError::TermsIncomplete(guid(1)))]);
    assert!(!ledger.covers(guid(1), &catalog) && ledger.covers(guid(2), &catalog));
    // The part has come, and has none.
    catalog.insert(guid(1), own("Whole").with_eula(eula(7)));
    assert_eq!(planned(&ledger, &device, &catalog), [guid(1), guid(2)]);
}

#[test]
fn parts_that_a_later_revision_brings_hold_an_approved_update_back() {
    let mut ledger = ApprovalLedger::default();
    let proof = ledger.approvable(guid(1), &Terms::None).unwrap();
    ledger.approve(proof, it());
    let mut catalog = Catalog::default();
    assert_eq!(planned(&ledger, &device(&[1]), &catalog), [guid(1)], "nobody has the metadata");
    let facts = UpdateFacts::new("Revision 2", None);
    catalog.insert(guid(1), facts.clone().with_terms(Terms::Unknown));
    assert_eq!(planned(&ledger, &device(&[1]), &catalog), []);
    assert!(!ledger.covers(guid(1), &catalog));
    catalog.insert(guid(1), facts);
    assert_eq!(planned(&ledger, &device(&[1]), &catalog), [guid(1)]);
    assert!(ledger.covers(guid(1), &catalog));
}

/// The device was told before the parts were missing, and goes on.
#[test]
fn a_failure_on_a_device_that_was_told_is_reported_while_parts_or_terms_are_missing() {
    let security = Classification::SECURITY_UPDATES;
    let mut alone = ApprovalLedger::default();
    let proof = alone.approvable(guid(1), &Terms::None).unwrap();
    alone.approve(proof, it());
    let mut class = ApprovalLedger::default();
    class.approve_classification(security, it());
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let mut told = device(&[1]);
    let mut entry = Entry::default();
    entry.hresult = Some(HResult::new(0x8007_0070));
    told.failed = Some([(guid(1), entry)].into());
    told.pending_reboot = Some([].into());
    told.last_scan = Some(ScanTime::read(&now.to_rfc3339()));
    let not_told = told.clone();
    told.note_approved(guid(1));
    let mut list_unread = not_told.clone();
    list_unread.approved = None;
    list_unread.note_approved(guid(1));

    let facts = UpdateFacts::new("One", Some(security));
    let with = |terms| {
        let mut catalog = Catalog::default();
        catalog.insert(guid(1), facts.clone().with_terms(terms));
        catalog
    };
    let mut by_class = not_told.clone();
    by_class.note_approved(security.id());
    for ledger in [&alone, &class] {
        for device in [&told, &list_unread, &by_class] {
            for terms in [Terms::None, Terms::Unknown, eulas(&[7])] {
                let catalog = with(terms);
                let report = Judge::new(&catalog).with_approvals(ledger).judge(device, now);
                assert_eq!(report.compliance.name(), "failed", "{catalog:?}");
                assert!(matches!(report.updates[&guid(1)], Standing::Failed(_)));
            }
        }
    }
    // Who was not told, is not; what IT took back or holds back is not to be installed.
    let (missing, until) = (with(eulas(&[7])), now + Duration::days(1));
    let judge = |ledger| Judge::new(&missing).with_approvals(ledger);
    let standing =
        |judge: Judge<'_, Catalog>, device: &Inventory| judge.judge(device, now).updates[&guid(1)];
    let needed = Standing::Needed(Need::EulaMissing(eula(7)));
    assert_eq!(standing(judge(&alone), &not_told), needed);
    let hold = |_| Some(until);
    assert_eq!(standing(judge(&alone).with_hold(&hold), &told), needed);
    let mut revoked = alone.clone();
    revoked.revoke(guid(1));
    assert_eq!(standing(judge(&revoked), &told), needed);
    // Installed after all.
    told.installable = Some([].into());
    told.installed = Some([(guid(1), Entry::default())].into());
    assert_eq!(standing(judge(&alone), &told), Standing::Installed);
}

#[test]
fn terms_of_parts_add_up() {
    let unknown = || Terms::Unknown;
    let incomplete = |numbers: &[u128]| {
        Terms::Incomplete(numbers.iter().copied().map(eula).collect::<BTreeSet<_>>())
    };
    for (one, other, sum) in [
        (Terms::None, Terms::None, Terms::None),
        (unknown(), unknown(), unknown()),
        (Terms::None, unknown(), incomplete(&[])),
        (Terms::None, eulas(&[1]), eulas(&[1])),
        (eulas(&[1]), eulas(&[1, 2]), eulas(&[1, 2])),
        (eulas(&[1]), unknown(), incomplete(&[1])),
        (incomplete(&[1]), eulas(&[2]), incomplete(&[1, 2])),
        (incomplete(&[1]), Terms::None, incomplete(&[1])),
        (incomplete(&[1]), unknown(), incomplete(&[1])),
    ] {
        assert_eq!(one.clone().and(other.clone()), sum);
        assert_eq!(other.and(one), sum, "in any order");
    }
}

/// What programs wrote that knew one identifier of terms for each update.
#[test]
fn ledgers_and_metadata_that_were_stored_with_one_identifier_are_still_read() {
    let (with, without) = (guid(1), guid(2));
    let decision = serde_json::json!({"by": "j.doe", "at": "1970-01-01T00:00:00Z"});
    let stored = serde_json::json!({
        "version": 2,
        "eulas": {(eula(7).to_string()): decision},
        "updates": {
            (with.to_string()): {"eula": eula(7), "decision": decision},
            (without.to_string()): {"eula": null, "decision": decision},
        },
        "classes": {},
    });
    let read: ApprovalLedger = serde_json::from_value(stored.clone()).unwrap();
    let mut ledger = ApprovalLedger::default();
    ledger.revoke_classification(Classification::DEFINITION_UPDATES);
    ledger.accept_eula(eula(7), it());
    for (id, terms) in [(with, eulas(&[7])), (without, Terms::None)] {
        let proof = ledger.approvable(id, &terms).unwrap();
        ledger.approve(proof, it());
    }
    assert_eq!(read, ledger);
    let mut unread = stored;
    unread["eulas"] = serde_json::json!({});
    let error = serde_json::from_value::<ApprovalLedger>(unread).unwrap_err().to_string();
    assert!(error.contains(&eula(7).to_string()), "it is checked as before: {error}");

    let facts = |eula: serde_json::Value| {
        let json = serde_json::json!({"eula": eula, "classification": null, "title": "One"});
        serde_json::from_value::<UpdateFacts>(json).unwrap()
    };
    assert_eq!(facts(serde_json::Value::Null), UpdateFacts::new("One", None));
    let with_terms = UpdateFacts::new("One", None).with_eula(eula(7));
    assert_eq!(facts(eula(7).to_string().into()), with_terms);
    let incomplete = Terms::Incomplete(BTreeSet::new());
    for terms in [Terms::Unknown, Terms::None, eulas(&[7]), incomplete] {
        let mut facts = UpdateFacts::new("One", None);
        facts.terms = terms;
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<UpdateFacts>(&json).unwrap(), facts);
    }

    let stored = serde_json::json!(["Unknown", "None", {"Eula": eula(7)}]);
    let terms: Vec<Terms> = serde_json::from_value(stored).unwrap();
    assert_eq!(terms, [Terms::Unknown, Terms::None, eulas(&[7])]);
    let all = [Terms::Unknown, Terms::None, eulas(&[7, 8]), eulas(&[7]).and(Terms::Unknown)];
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Terms>>(&json).unwrap(), all);
}
