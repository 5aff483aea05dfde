//! A thousand devices, a month, and the report that one would write by hand.
#![cfg(feature = "simulator")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/month.rs"]
mod month;

use month::{BAD, DISK_FULL, DRIVER, FEATURE, GOOD, Month, SETUP_ROLLED_BACK, definitions};
use update_csp::hresult::HResult;

#[test]
fn a_month_of_a_thousand_devices_ends_in_the_report_written_by_hand() {
    let mut month = Month::new(50, 950);
    let until = |month: &mut Month, date: &str| {
        while month.date() != date {
            month.day();
        }
    };

    // The driver came on the third. Test devices have it; it is offered to the All ring after seven
    // days, and nobody has decided about drivers.
    until(&mut month, "11-11");
    let report = month.report();
    let [all, test] = ["All", "Test"].map(|ring| report.ring(ring).unwrap().clone());
    assert_eq!(test.updates[&DRIVER].installed, 50);
    // 950, without 10 that were never on and 20 that went silent on the fifth.
    assert_eq!(all.updates[&DRIVER].not_approved + all.updates[&DRIVER].eula_missing, 920);
    assert_eq!(all.updates[&DRIVER].eula_missing, 920, "the terms come first");
    // Until the seventeenth; for the silent ones as well, whose last scan is six days old.
    assert_eq!(all.updates[&BAD].deferred, 940);
    assert_eq!(test.updates[&BAD].installed, 50, "the day after, with its restart");

    // Trouble. On the thirteenth IT pauses both rings, on the fourteenth the Test ring goes back.
    until(&mut month, "11-15");
    let report = month.report();
    let [all, test] = ["All", "Test"].map(|ring| report.ring(ring).unwrap().clone());
    let counts = all.counts;
    assert_eq!((counts.devices, counts.not_scanned, counts.scan_stale), (950, 10, 20));
    assert_eq!((counts.deferred, counts.compliant), (920, 920), "until the pause ends");
    assert_eq!(all.updates[&BAD].deferred, 920);
    assert_eq!(test.counts.up_to_date, 50);
    assert!(!test.updates.contains_key(&BAD), "taken back, and paused");
    assert_eq!(month.rollbacks("Test"), [("rolled back".to_owned(), 50)].into());
    assert_eq!(
        month.installations("All", BAD),
        0,
        "the pause came before the seven days were over"
    );
    assert_eq!(month.terms_accepted(), None);

    // The replacement came on the eighteenth, IT resumed on the nineteenth, read the terms on the
    // twenty-first, and the All ring was offered the replacement on the twenty-fifth.
    until(&mut month, "11-27");
    assert_eq!(month.terms_accepted().unwrap().format("%m-%d").to_string(), "11-21");
    let report = month.report();
    let [all, test] = ["All", "Test"].map(|ring| report.ring(ring).unwrap().clone());
    let good = &all.updates[&GOOD];
    assert_eq!((good.installed, good.pending_reboot, good.failed), (750, 100, 70));
    assert_eq!(good.failures[&DISK_FULL], 30);
    assert_eq!(good.failures[&HResult::WU_E_DOWNLOAD_FAILED], 40, "for the second time");
    assert_eq!(all.counts.pending_reboot, 100, "their users do not restart");
    assert_eq!(all.counts.failed, 70);
    assert_eq!(all.counts.deferred, 750, "all they wait for is the new release");
    assert_eq!((test.counts.failed, test.counts.up_to_date), (2, 48));
    assert_eq!(test.updates[&FEATURE].failures[&SETUP_ROLLED_BACK], 2);

    // The deadline of the twenty-eighth forces the restarts, and the flaky downloads succeed.
    until(&mut month, "11-30");
    let expected = "\
Ring         devices compliant current failed install  restart       IT  held   no scan
All              950     93.6%       0     30       0        0        0   890        30
Test              50     96.0%      48      2       0        0        0     0         0
all             1000     93.8%      48     32       0        0        0   890        30

Update                               installed restart failed install approval terms  held
2026-11 Cumulative Update, again           940       0     30       0        0     0     0
Contoso display driver                     970       0      0       0        0     0     0
Windows 11, version 26H2                    48       0      2       0        0     0   920
Definitions 11-02                          990       0      0       0        0     0     0
Definitions 11-09                          970       0      0       0        0     0     0
Definitions 11-16                          970       0      0       0        0     0     0
Definitions 11-23                          970       0      0       0        0     0     0
Definitions 11-30                          970       0      0       0        0     0     0

Failures
    30  0x80070070 ERROR_DISK_FULL: the disk is full. Free space on the system drive.
     2  0xC1900101 MOSETUP_E_SETUP_PLATFORM: Windows Setup rolled back, mostly because of a driver. \
Check the hardware and the driver's version.
";
    assert_eq!(month.printed(), expected);
    // What failed is still installable, which is the list that names kinds.
    let all = month.report().ring("All").unwrap().clone();
    assert_eq!(all.counts.lack_security, 30, "the full disks");

    // Nothing was installed twice, and the All ring never had the bad update.
    assert_eq!(month.installations("Test", BAD), 50);
    assert_eq!(month.installations("All", BAD), 0);
    assert_eq!(month.installations("All", GOOD), 890);
    assert_eq!(month.installations("Test", GOOD), 50);
    assert_eq!(month.installations("All", DRIVER), 920);
    assert_eq!(month.installations("All", FEATURE), 0, "deferred into December");
    assert_eq!(month.installations("All", definitions(2)), 940, "never deferred");
    assert_eq!(month.installations("All", definitions(16)), 920, "never paused");
}
