//! Reading the Update CSP: any order, any paging, both shapes, and what happened in between. No
//! capture of such an answer is public, so these are constructed from the documentation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use syncml::{Command, Data, Format, Item, LocUri, Meta, StatusCode};
use update_csp::approvals::{ApprovalLedger, NoMetadata, NodeForm, Recommendation};
use update_csp::hresult::HResult;
use update_csp::inventory::{
    Change, Finding, ReadLimits, Reading, Rollback, ScanTime, UpdateKind, UpdateState,
};
use update_csp::{Classification, Inventory, Query, Shape, UpdateGuid};

const A: &str = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a";
const B: &str = "5d6dede6-84ba-4c4a-931d-62d9c9c2a99d";
const OK: Option<StatusCode> = Some(StatusCode::OK);

fn leaf(uri: &str, data: &str) -> Item<'static> {
    let uri = if uri.is_empty() { String::new() } else { format!("/{uri}") };
    Item::source(format!("./Vendor/MSFT/Update{uri}")).with_data(Data::text(data.to_owned()))
}

fn id(text: &str) -> UpdateGuid {
    text.parse().unwrap()
}

/// The whole CSP, with every node of the documentation and some of a Windows to come.
fn whole() -> Vec<Item<'static>> {
    vec![
        leaf(&format!("ApprovedUpdates/{A}/ApprovedTime"), "2026-11-01T08:00:00Z"),
        leaf(&format!("FailedUpdates/{{{B}}}/HResult"), "-2145124329"),
        leaf(&format!("FailedUpdates/{{{B}}}/Status"), "256"),
        leaf(&format!("FailedUpdates/{{{B}}}/RevisionNumber"), "200"),
        leaf(&format!("InstalledUpdates/{A}/RevisionNumber"), "7"),
        leaf(&format!("InstallableUpdates/%7B{}%7D/Type", B.to_uppercase()), "1"),
        leaf(&format!("InstallableUpdates/{B}/RevisionNumber"), "200"),
        leaf(&format!("InstallableUpdates/{B}/Ring/Colour"), "green"),
        leaf(&format!("PendingRebootUpdates/{A}/InstalledTime"), "2026-11-02T08:00:00Z"),
        leaf(&format!("PendingRebootUpdates/{A}/RevisionNumber"), "7"),
        leaf("LastSuccessfulScanTime", "2026-11-21T08:00:00Z"),
        leaf("DeferUpgrade", "True"),
        leaf("Rollback/QualityUpdateStatus", "Rolled back"),
        leaf("Rollback/FeatureUpdateStatus", ""),
        leaf("Hotpatch/Enabled", "1"),
        leaf("InstalledUpdates/summary/Count", "12"),
    ]
}

fn read_whole(pages: &[&[Item<'static>]]) -> (Inventory, Vec<Finding>) {
    let mut reading = Reading::new(Query::Everything);
    for page in pages {
        reading.take(page);
    }
    let mut inventory = Inventory::default();
    let findings = inventory.complete(reading, StatusCode::OK);
    (inventory, findings)
}

#[test]
fn the_whole_csp_is_read_and_unknown_children_are_kept() {
    let items = whole();
    let (inventory, findings) = read_whole(&[&items]);
    assert_eq!(findings, [Finding::NotAGuid("summary".to_owned())]);
    let failed = &inventory.failed.as_ref().unwrap()[&id(B)];
    assert_eq!(failed.hresult, Some(HResult::WU_E_NOT_APPLICABLE));
    assert_eq!(failed.state, Some(UpdateState(256)));
    assert_eq!(failed.revision, Some(200));
    let installable = &inventory.installable.as_ref().unwrap()[&id(B)];
    assert_eq!((installable.kind, installable.revision), (Some(UpdateKind::SECURITY), Some(200)));
    assert_eq!(installable.other["Ring/Colour"], "green");
    assert_eq!(inventory.installed.as_ref().unwrap()[&id(A)].revision, Some(7));
    let pending = &inventory.pending_reboot.as_ref().unwrap()[&id(A)];
    assert_eq!(pending.time_at().unwrap().to_rfc3339(), "2026-11-02T08:00:00+00:00");
    assert!(inventory.approved.as_ref().unwrap()[&id(A)].time_at().is_some());
    assert_eq!(inventory.last_scan, Some(ScanTime::At("2026-11-21T08:00:00Z".to_owned())));
    assert_eq!(inventory.defer_upgrade, Some(true));
    assert_eq!(inventory.quality_rollback.as_deref(), Some("Rolled back"));
    assert_eq!(inventory.feature_rollback.as_deref(), Some(""));
    assert_eq!(inventory.other["Hotpatch/Enabled"], "1");
    assert_eq!(inventory.other["InstalledUpdates/summary/Count"], "12");
    for list in Query::LISTS {
        assert_eq!(inventory.list(list).unwrap().len(), 1, "{list:?}");
    }
    // Stored and read again, it is the same.
    let json = serde_json::to_string(&inventory).unwrap();
    assert_eq!(serde_json::from_str::<Inventory>(&json).unwrap(), inventory);
    assert_eq!(serde_json::from_str::<Inventory>("{}").unwrap(), Inventory::default());
}

#[test]
fn a_whole_answer_says_which_lists_are_empty() {
    let (inventory, _) = read_whole(&[&[leaf("LastSuccessfulScanTime", "0")]]);
    for list in Query::LISTS {
        assert!(inventory.list(list).unwrap().is_empty(), "{list:?}");
    }
    assert_eq!(inventory.last_scan, Some(ScanTime::Never));
    // The names of the CSP's children say nothing about updates.
    let (inventory, _) = read_whole(&[&[leaf("", "ApprovedUpdates/FailedUpdates")]]);
    assert_eq!(inventory, Inventory::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_and_paging_do_not_matter(
        items in Just(whole()).prop_shuffle(),
        cuts in proptest::collection::vec(0..16usize, 0..4),
    ) {
        let (expected, _) = read_whole(&[&whole()]);
        let mut cuts = cuts;
        cuts.sort_unstable();
        let (mut pages, mut from) = (Vec::new(), 0);
        for cut in cuts {
            pages.push(&items[from..cut]);
            from = cut;
        }
        pages.push(&items[from..]);
        let (inventory, _) = read_whole(&pages);
        prop_assert_eq!(&inventory, &expected);

        // Each list asked for by itself says the same.
        let mut single = Inventory::default();
        for query in Query::ALL {
            let root: LocUri = query.command(Shape::Names).items()[0].loc_uri().unwrap().parse().unwrap();
            let mine: Vec<Item<'static>> = items
                .iter()
                .filter(|item| item.loc_uri().unwrap().parse::<LocUri>().unwrap().is_under(&root))
                .cloned()
                .collect();
            let mut reading = Reading::new(query);
            for item in mine {
                reading.take(&[item]);
                // Another server goes on with it.
                let saved = serde_json::to_string(&reading).unwrap();
                let read: Reading = serde_json::from_str(&saved).unwrap();
                prop_assert_eq!(&read, &reading);
                reading = read;
            }
            single.complete(reading, StatusCode::OK);
        }
        single.other.insert("Hotpatch/Enabled".to_owned(), "1".to_owned());
        prop_assert_eq!(&single, &expected);
    }

    #[test]
    fn whatever_comes_nothing_panics(
        items in proptest::collection::vec(("\\PC{0,40}", "\\PC{0,20}"), 0..8),
        query in 0..Query::ALL.len(),
    ) {
        let items: Vec<Item<'_>> = items
            .iter()
            .map(|(uri, data)| leaf(uri, data))
            .collect();
        let mut inventory = Inventory::default();
        inventory.apply(Query::ALL[query], OK, &items);
        inventory.apply(Query::Everything, OK, &items);
        let _ = inventory.changes_since(&Inventory::default());
    }
}

#[test]
fn both_shapes_are_read_and_names_keep_details() {
    let mut inventory = Inventory::default();
    let items = [
        leaf(&format!("InstallableUpdates/{A}/RevisionNumber"), "200"),
        leaf(&format!("InstallableUpdates/%7B{B}%7D/Type"), "1"),
        leaf(&format!("installableupdates/{A}/type"), "0"),
    ];
    assert_eq!(inventory.apply(Query::Installable, OK, &items), []);
    let updates = inventory.installable.clone().unwrap();
    assert_eq!(updates[&id(A)].revision, Some(200));
    assert_eq!(updates[&id(A)].kind, Some(UpdateKind::NONE));
    assert_eq!(updates[&id(B)].kind, Some(UpdateKind::SECURITY));

    let names = [leaf("InstallableUpdates", &format!("{{{A}}}/{B}"))];
    inventory.apply(Query::Installable, OK, &names);
    assert_eq!(inventory.installable, Some(updates));
    inventory.apply(Query::Installable, OK, &[leaf("InstallableUpdates", "")]);
    assert_eq!(inventory.installable, Some([].into()));
}

#[test]
fn details_of_one_update_are_added_to_its_list() {
    let mut inventory = Inventory::default();
    inventory.apply(Query::Failed, OK, &[leaf("FailedUpdates", &format!("{A}/{B}"))]);
    let get = Query::Failed.command_for(&format!("{{{A}}}")).unwrap();
    assert!(Query::Failed.command_for("..").is_err());
    let address = get.items()[0].loc_uri().unwrap();
    assert_eq!(address, format!("./Vendor/MSFT/Update/FailedUpdates/%7B{A}%7D?list=StructData"));
    assert_eq!(
        Query::Failed.command_for_update(id(A)).items()[0].loc_uri().unwrap(),
        format!("./Vendor/MSFT/Update/FailedUpdates/{A}?list=StructData")
    );
    let mut reading = Reading::one(Query::Failed, id(A));
    reading.take(&[leaf(&format!("FailedUpdates/{A}/HResult"), "0x80240017")]);
    inventory.complete(reading, StatusCode::OK);
    let failed = inventory.failed.clone().unwrap();
    assert_eq!(failed.len(), 2, "the other one is still there");
    assert_eq!(failed[&id(A)].hresult, Some(HResult::WU_E_NOT_APPLICABLE));
    // It is gone in the meantime.
    inventory.complete(Reading::one(Query::Failed, id(A)), StatusCode::NOT_FOUND);
    assert_eq!(inventory.failed.unwrap().keys().copied().collect::<Vec<_>>(), [id(B)]);
}

#[test]
fn what_one_answer_does_not_say_of_an_update_stays() {
    let mut inventory = Inventory::default();
    let all = [
        leaf(&format!("FailedUpdates/{A}/HResult"), "0x80240017"),
        leaf(&format!("FailedUpdates/{A}/State"), "16"),
        leaf(&format!("FailedUpdates/{A}/New"), "1"),
    ];
    inventory.apply(Query::Failed, OK, &all);
    let before = inventory.failed.clone();
    let one = |inventory: &mut Inventory, items: &[Item<'_>]| {
        let mut reading = Reading::one(Query::Failed, id(A));
        reading.take(items);
        inventory.complete(reading, StatusCode::OK)
    };
    one(&mut inventory, &[leaf("FailedUpdates", A)]);
    assert_eq!(inventory.failed, before, "only its name");
    let found = one(&mut inventory, &[leaf(&format!("FailedUpdates/{A}/State"), "many")]);
    assert!(matches!(found.as_slice(), [Finding::Unreadable { .. }]));
    assert_eq!(inventory.failed, before, "an unreadable leaf");
    let newer = [
        leaf(&format!("FailedUpdates/{A}/State"), "256"),
        leaf(&format!("FailedUpdates/{A}/Newer"), "2"),
    ];
    assert_eq!(one(&mut inventory, &newer), []);
    let entry = &inventory.failed.as_ref().unwrap()[&id(A)];
    assert_eq!(entry.state, Some(UpdateState(256)), "the newer one counts");
    assert_eq!(entry.hresult, Some(HResult::WU_E_NOT_APPLICABLE));
    assert_eq!(entry.other.len(), 2);
}

#[test]
fn an_approval_that_a_device_took_does_not_make_its_list_known() {
    let mut inventory = Inventory::default();
    inventory.note_approved(id(A));
    assert_eq!(inventory.approved, None);
    let json = serde_json::to_string(&inventory).unwrap();
    assert_eq!(serde_json::from_str::<Inventory>(&json).unwrap(), inventory);
    let ledger = ApprovalLedger::default();
    let definitions = Classification::DEFINITION_UPDATES.id();
    let steps = |inventory: &Inventory| {
        let plan = ledger.plan(inventory, &NoMetadata, NodeForm::Bare);
        let ask = Recommendation::AskFirst(Query::Approved);
        (plan.steps.len(), plan.recommendations.contains(&ask))
    };
    assert_eq!(steps(&inventory), (1, true));
    inventory.note_approved(definitions);
    assert_eq!(steps(&inventory), (0, true), "not sent again, and still to be asked for");
    // The list says otherwise.
    inventory.apply(Query::Approved, OK, &[leaf("ApprovedUpdates", "")]);
    assert_eq!(steps(&inventory), (1, false));
    assert_eq!(inventory.approved, Some([].into()));
}

#[test]
fn an_update_is_withdrawn_only_where_it_is_known_not_to_be_installed() {
    let mut before = Inventory::default();
    before.apply(Query::Installable, OK, &[leaf("InstallableUpdates", A)]);
    let mut now = before.clone();
    now.apply(Query::Installable, OK, &[leaf("InstallableUpdates", "")]);
    assert_eq!(now.changes_since(&before), []);
    let lists = [Query::Installed, Query::PendingReboot, Query::Failed];
    for query in lists {
        now.apply(query, OK, &[leaf(query.node(), "")]);
    }
    assert_eq!(now.changes_since(&before), [Change::Withdrawn(id(A))]);
    // It may be in the one that was not read, and is where it was.
    for query in lists {
        let mut unread = now.clone();
        match query {
            Query::Installed => unread.installed = None,
            Query::PendingReboot => unread.pending_reboot = None,
            _ => unread.failed = None,
        }
        assert_eq!(unread.changes_since(&before), [], "{query:?}");
        let mut elsewhere = now.clone();
        elsewhere.apply(query, OK, &[leaf(query.node(), A)]);
        assert_eq!(elsewhere.changes_since(&before), [], "{query:?}");
    }
}

#[test]
fn a_device_without_the_csp_has_empty_lists_and_never_scanned() {
    let missing = Some(StatusCode::NOT_FOUND);
    let mut whole = Inventory::default();
    whole.apply(Query::Installable, OK, &[leaf("InstallableUpdates", A)]);
    assert_eq!(whole.apply(Query::Everything, missing, &[]), []);
    let mut single = Inventory::default();
    for query in Query::ALL {
        single.apply(query, missing, &[]);
    }
    assert_eq!(whole, single, "as each asked for by itself");
    assert_eq!(whole.installable, Some([].into()));
    assert_eq!(whole.last_scan, Some(ScanTime::Never));
}

#[test]
fn state_and_status_are_one_and_a_contradiction_is_named() {
    for name in ["State", "Status", "STATUS"] {
        let mut inventory = Inventory::default();
        inventory.apply(Query::Failed, OK, &[leaf(&format!("FailedUpdates/{A}/{name}"), "16")]);
        let state = inventory.failed.unwrap()[&id(A)].state.unwrap();
        assert_eq!(state.name(), Some("download failed"));
    }
    let mut inventory = Inventory::default();
    let both = [
        leaf(&format!("FailedUpdates/{A}/State"), "16"),
        leaf(&format!("FailedUpdates/{A}/Status"), "256"),
    ];
    let found = inventory.apply(Query::Failed, OK, &both);
    assert_eq!(found, [Finding::Contradicts { update: id(A), leaf: "State".to_owned() }]);
    assert_eq!(inventory.failed.unwrap()[&id(A)].state, Some(UpdateState(16)), "the first");
}

#[test]
fn a_failed_read_keeps_what_was_known_and_404_is_empty() {
    let mut inventory = Inventory::default();
    inventory.apply(Query::Installed, OK, &[leaf("InstalledUpdates", A)]);
    inventory.apply(Query::LastScan, OK, &[leaf("LastSuccessfulScanTime", "2026-11-21T08:00:00Z")]);
    let before = inventory.clone();
    let code = StatusCode::COMMAND_FAILED;
    for query in Query::ALL {
        let found = inventory.apply(query, Some(code), &[leaf(query.node(), "x")]);
        assert_eq!(found, [Finding::ReadFailed { query, code }]);
    }
    for query in [Query::LastScan, Query::DeferUpgrade] {
        assert_eq!(inventory.apply(query, OK, &[]), [Finding::NoAnswer(query)]);
    }
    assert_eq!(inventory, before);
    inventory.apply(Query::Installed, Some(StatusCode::NOT_FOUND), &[]);
    assert_eq!(inventory.installed, Some([].into()));
    inventory.apply(Query::LastScan, Some(StatusCode::NOT_FOUND), &[]);
    assert_eq!(inventory.last_scan, Some(ScanTime::Never));
}

#[test]
fn oddities_are_findings() {
    let mut inventory = Inventory::default();
    let items = [
        leaf("FailedUpdates/nonsense/HResult", "1"),
        leaf(&format!("InstalledUpdates/{A}"), ""),
        leaf(&format!("FailedUpdates/{A}/HResult"), "-2145124329"),
        leaf(&format!("FailedUpdates/{A}/Status"), "many"),
    ];
    let findings = inventory.apply(Query::Failed, OK, &items);
    assert!(matches!(
        findings.as_slice(),
        [Finding::NotAGuid(_), Finding::Elsewhere(_), Finding::Unreadable { .. }]
    ));
    // An item without an address is the leaf that was asked for.
    let bare = [Item::default().with_data(Data::text("2026-11-21T08:00:00Z"))];
    assert_eq!(inventory.apply(Query::LastScan, OK, &bare), []);
    assert!(inventory.last_scan.as_ref().unwrap().time().is_some());
    // An interior node among the leaves is no leaf.
    let node = leaf("Something", "").with_meta(Meta::format(Format::Node));
    let (inventory, _) = read_whole(&[&[node]]);
    assert!(inventory.other.is_empty());
}

#[test]
fn limits_take_n_and_drop_the_rest() {
    let names = |n: u128| {
        let names: Vec<String> = (0..n).map(|id| UpdateGuid::from_u128(id).to_string()).collect();
        [leaf("InstalledUpdates", &names.join("/"))]
    };
    let read = |items: &[Item<'_>], query: Query, limits: ReadLimits| {
        let mut reading = Reading::new(query).with_limits(limits);
        reading.take(items);
        let mut inventory = Inventory::default();
        let findings = inventory.complete(reading, StatusCode::OK);
        (inventory, findings)
    };
    let two = ReadLimits::default().with_updates(2);
    let (inventory, findings) = read(&names(2), Query::Installed, two);
    assert_eq!((inventory.installed.unwrap().len(), findings.len()), (2, 0));
    let (inventory, findings) = read(&names(5), Query::Installed, two);
    assert_eq!(inventory.installed.unwrap().len(), 2);
    assert_eq!(findings, [Finding::TooMuch { what: "updates".to_owned(), max: 2 }]);

    let unknown = |n: usize| -> Vec<Item<'static>> {
        (0..n).map(|n| leaf(&format!("New/{n}"), "x")).collect()
    };
    let one = ReadLimits::default().with_unknown(1);
    let (inventory, findings) = read(&unknown(1), Query::Everything, one);
    assert_eq!((inventory.other.len(), findings.len()), (1, 0));
    let (inventory, findings) = read(&unknown(2), Query::Everything, one);
    assert_eq!((inventory.other.len(), findings.len()), (1, 1));

    let short = ReadLimits::default().with_text(8);
    let (inventory, _) = read(&[leaf("New/a", "12345678")], Query::Everything, short);
    assert_eq!(inventory.other["New/a"], "12345678");
    let (inventory, _) = read(&[leaf("New/a", "12345678\u{E9}")], Query::Everything, short);
    assert_eq!(inventory.other["New/a"], "12345678");

    let odd = [leaf("FailedUpdates/x/HResult", "1"), leaf("FailedUpdates/y/HResult", "1")];
    let few = ReadLimits::default().with_findings(1);
    assert_eq!(read(&odd, Query::Failed, few).1.len(), 1);
    assert_eq!(read(&odd, Query::Failed, few.with_findings(2)).1.len(), 2);
}

#[test]
fn rollback_is_an_exec_with_a_status_of_its_own() {
    for (rollback, node) in [(Rollback::Quality, "Quality"), (Rollback::Feature, "Feature")] {
        let command = rollback.command();
        assert!(matches!(command, Command::Exec(_)));
        let item = &command.items()[0];
        let uri = format!("./Vendor/MSFT/Update/Rollback/{node}Update");
        assert_eq!(item.loc_uri(), Some(&*uri));
        assert_eq!(item.data, None, "no data");
        let get = rollback.query().command(Shape::StructData);
        assert_eq!(get.items()[0].loc_uri(), Some(&*format!("{uri}Status")), "a leaf");
    }
}

#[test]
fn changes_tell_what_happened_between_two_reports() {
    let list = |query: Query, ids: &[u128]| {
        let names: Vec<String> =
            ids.iter().map(|id| UpdateGuid::from_u128(*id).to_string()).collect();
        [leaf(query.node(), &names.join("/"))]
    };
    let mut before = Inventory::default();
    before.apply(Query::Installable, OK, &list(Query::Installable, &[1, 2, 3, 4]));
    before.apply(Query::Installed, OK, &list(Query::Installed, &[10]));
    before.apply(Query::PendingReboot, OK, &list(Query::PendingReboot, &[]));
    before.apply(Query::Failed, OK, &list(Query::Failed, &[20, 21]));
    before.apply(Query::LastScan, OK, &[leaf("LastSuccessfulScanTime", "2026-11-20T08:00:00Z")]);
    assert_eq!(before.changes_since(&before), []);
    assert_eq!(
        before.changes_since(&Inventory::default()),
        [Change::Scanned(before.last_scan.clone().unwrap())],
        "lists that were not known are not compared"
    );

    let mut now = before.clone();
    now.apply(Query::Installable, OK, &list(Query::Installable, &[4, 5]));
    now.installable.as_mut().unwrap().get_mut(&UpdateGuid::from_u128(4)).unwrap().revision =
        Some(2);
    let old = before.installable.as_mut().unwrap().get_mut(&UpdateGuid::from_u128(4)).unwrap();
    old.revision = Some(1);
    now.apply(Query::PendingReboot, OK, &list(Query::PendingReboot, &[1]));
    now.apply(Query::Installed, OK, &list(Query::Installed, &[2]));
    let failed = UpdateGuid::from_u128(21);
    now.apply(
        Query::Failed,
        OK,
        &[leaf(&format!("FailedUpdates/{failed}/HResult"), "-2145124329")],
    );
    now.apply(Query::Approved, OK, &list(Query::Approved, &[1]));
    now.apply(Query::LastScan, OK, &[leaf("LastSuccessfulScanTime", "2026-11-19T08:00:00Z")]);
    now.apply(Query::DeferUpgrade, OK, &[leaf("DeferUpgrade", "1")]);
    now.apply(Query::FeatureRollback, OK, &[leaf("Rollback/FeatureUpdateStatus", "done")]);
    let [one, two, three, four, five, ten, twenty] =
        [1, 2, 3, 4, 5, 10, 20].map(UpdateGuid::from_u128);
    assert_eq!(
        now.changes_since(&before),
        [
            Change::Revised { update: four, from: 1, to: 2 },
            Change::Offered(five),
            Change::RestartPending(one),
            Change::Installed(two),
            Change::Removed(ten),
            Change::Recovered(twenty),
            Change::Failed {
                update: failed,
                hresult: Some(HResult::WU_E_NOT_APPLICABLE),
                state: None
            },
            Change::Withdrawn(three),
            Change::ScanWentBack(now.last_scan.clone().unwrap()),
            Change::DeferUpgrade(true),
            Change::RollbackStatus { rollback: Rollback::Feature, status: "done".to_owned() },
        ]
    );
    let mut approved = now.clone();
    approved.note_approved(two);
    assert_eq!(approved.changes_since(&now), [Change::Approved(two)]);
    assert_eq!(now.changes_since(&approved), [Change::ApprovalLost(two)]);
}

/// "A failed read never erases what was known", and neither does an answer about something else.
#[test]
fn an_answer_about_other_nodes_erases_nothing() {
    let mut inventory = Inventory::default();
    let id = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a";
    inventory.apply(Query::Installable, OK, &[leaf(&format!("InstallableUpdates/{id}/Type"), "1")]);
    let before = inventory.clone();
    assert_eq!(before.installable.as_ref().map(|list| list.len()), Some(1));
    let other = leaf(&format!("InstalledUpdates/{id}/RevisionNumber"), "200");
    let found = inventory.apply(Query::Installable, OK, &[other]);
    assert!(found.contains(&Finding::NoAnswer(Query::Installable)), "{found:?}");
    assert_eq!(inventory.installable, before.installable);
}
