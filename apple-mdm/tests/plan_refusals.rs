//! What a device says against ScheduleOSUpdate. The client of iOS says the same errors in two places:
//! in the answer's status where the request fails, and else in one of its results.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/dialogue.rs"]
mod dialogue;

use apple_mdm::declarations::support::Enrollment;
use apple_mdm::plan::{Device, Event, MacInstall, Outcome, Path, Refusal, Stage, Way};
use chrono::Duration;
use common::{goal, iphone};
use dialogue::Dialogue;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Status Error.
    Answer,
    /// UpdateResults, of the update's key.
    Result,
    /// UpdateResults, with a blank key.
    Blank,
}

const PLACES: [Place; 3] = [Place::Answer, Place::Result, Place::Blank];
const NOTHING: &str = "<key>OSUpdateStatus</key><array/>";
const DOWNLOADED: &str = "<key>OSUpdateStatus</key><array><dict><key>ProductKey</key>
    <string>K</string><key>IsDownloaded</key><true/><key>Status</key><string>Idle</string>
    </dict></array>";

fn says(device: &mut Dialogue, place: Place, asked: &str, chain: &[(&str, u32)]) {
    let chain = chain.iter().map(|(domain, code)| {
        format!(
            "<dict><key>ErrorDomain</key><string>{domain}</string><key>ErrorCode</key>
             <integer>{code}</integer></dict>"
        )
    });
    let chain =
        format!("<key>ErrorChain</key><array>{}</array>", chain.collect::<Vec<_>>().join(""));
    let result = |key: &str| {
        format!(
            "<key>UpdateResults</key><array><dict><key>ProductKey</key><string>{key}</string>
             <key>InstallAction</key><string>Error</string><key>Status</key><string>Idle</string>
             {chain}</dict></array>"
        )
    };
    match place {
        Place::Answer => device.answer(asked, "Error", &chain),
        Place::Result => device.said(asked, &result("K")),
        Place::Blank => device.said(asked, &result("")),
    }
}

/// An iPad about to be told to download, or to install.
fn ipad(installs: bool) -> Dialogue {
    let device = Device::new(iphone("16.7", "16.7.2").installed(), Enrollment::Supervised);
    let mut ipad = Dialogue::new(device, goal("16.7.2").with_way(Way::Only(Path::Commands)));
    ipad.has("16.7");
    ipad.lists("<key>Version</key><string>16.7.2</string>");
    ipad.said("OSUpdateStatus", if installs { DOWNLOADED } else { NOTHING });
    let _ = events(&mut ipad);
    ipad
}

fn events(device: &mut Dialogue) -> Vec<Event> {
    std::iter::from_fn(|| device.plan.poll_event()).collect()
}

fn blocked(device: &mut Dialogue) -> usize {
    events(device).iter().filter(|event| matches!(event, Event::Blocked(_))).count()
}

/// One that was told, and how often something was in the way.
fn told(place: Place, installs: bool, client: u32, management: u32) -> (Dialogue, usize) {
    let mut ipad = ipad(installs);
    let chain = [("MCMDMErrorDomain", client), ("DeviceManagement.error", management)];
    says(&mut ipad, place, "ScheduleOSUpdate", &chain);
    let blocked = blocked(&mut ipad);
    (ipad, blocked)
}

fn is_commanded(ipad: &mut Dialogue) -> bool {
    ipad.plan.withdraw(ipad.now);
    match ipad.plan.outcome() {
        Some(Outcome::Withdrawn { told_to_install }) => *told_to_install,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn one_error_means_the_same_in_both_places() {
    for (place, installs) in PLACES.into_iter().flat_map(|place| [(place, false), (place, true)]) {
        let of = |client, management| told(place, installs, client, management);
        // It has what it was told to download. Told to install, that is no answer.
        let (ipad, blocked) = of(12052, 2201);
        assert_eq!((ipad.plan.stage(), blocked), (Stage::Checking, usize::from(installs)));
        // It does not change by waiting.
        let (ipad, _) = of(12053, 2206);
        assert!(matches!(ipad.plan.outcome(), Some(Outcome::Failed(_))), "{place:?}");
        // Installed meanwhile, or gone.
        let (mut ipad, blocked) = of(12048, 2213);
        assert_eq!((ipad.plan.stage(), blocked), (Stage::Verifying, 1));
        ipad.has("16.7");
        ipad.said("AvailableOSUpdates", "");
        assert!(!is_commanded(&mut ipad));
        // A user is signed in; the rest is tried again.
        for (client, management) in [(12077, 0), (12057, 2202), (12059, 2211), (12049, 2212)] {
            let (mut ipad, blocked) = of(client, management);
            assert_eq!((ipad.plan.stage(), blocked), (Stage::Checking, 1));
            assert!(!is_commanded(&mut ipad));
        }
        // Not supervised, and a command that it does not know.
        let mut other = self::ipad(installs);
        says(&mut other, place, "ScheduleOSUpdate", &[("MDMClientError", 74)]);
        let expected = Outcome::Impossible(Refusal::NotSupervised);
        assert_eq!(other.plan.outcome(), Some(&expected));
        let mut other = self::ipad(installs);
        says(&mut other, place, "ScheduleOSUpdate", &[("MCMDMErrorDomain", 12021)]);
        assert_eq!(other.plan.stage(), Stage::Verifying);
        other.has("16.7");
        assert!(matches!(other.plan.outcome(), Some(Outcome::Failed(_))), "{place:?}");
    }
}

#[test]
fn what_the_device_does_already_is_no_failure() {
    for (place, installs) in PLACES.into_iter().flat_map(|place| [(place, false), (place, true)]) {
        // It downloads, and that is not yet an installation.
        let (mut ipad, blocked) = told(place, installs, 12051, 2200);
        assert_eq!((ipad.plan.stage(), blocked), (Stage::AwaitingDownload, 0), "{place:?}");
        assert!(!is_commanded(&mut ipad));
        // It installs, whatever it was told.
        let mut ipad = self::ipad(installs);
        let chain = [("MCMDMErrorDomain", 12058), ("DeviceManagement.error", 2207)];
        let asked = ipad.now;
        says(&mut ipad, place, "ScheduleOSUpdate", &chain);
        assert_eq!(events(&mut ipad), [Event::InstallStarted], "{place:?}");
        assert_eq!(ipad.plan.stage(), Stage::AwaitingRestart);
        let mut other = ipad.plan.clone();
        ipad.has("16.7.2");
        assert_eq!(ipad.now, asked + Duration::minutes(10));
        assert_eq!(ipad.plan.outcome(), Some(&Outcome::Updated { version: "16.7.2".to_owned() }));
        other.withdraw(asked);
        assert_eq!(other.outcome(), Some(&Outcome::Withdrawn { told_to_install: true }));
        // Who says so for ever and does nothing is given up.
        for (client, management) in [(12051, 2200), (12058, 2207)] {
            let (mut ipad, _) = told(place, installs, client, management);
            let chain = [("MCMDMErrorDomain", client)];
            for commands in 0.. {
                assert!(commands < 200, "{place:?} {client}");
                if ipad.plan.is_over() {
                    break;
                }
                let now = ipad.now.max(ipad.plan.poll_timeout().unwrap());
                let mut peek = ipad.plan.clone();
                let Some(command) = peek.poll_transmit(now).unwrap() else {
                    assert!(peek.is_over());
                    break;
                };
                let command = String::from_utf8(command).unwrap();
                match command {
                    it if it.contains("DeviceInformation") => ipad.has("16.7"),
                    it if it.contains("OSUpdateStatus") => ipad.said("OSUpdateStatus", NOTHING),
                    _ => says(&mut ipad, place, "ScheduleOSUpdate", &chain),
                }
            }
        }
    }
}

#[test]
fn an_action_that_is_refused_in_either_place_is_followed_by_the_next() {
    let chain = [("MCMDMErrorDomain", 12008)];
    for place in PLACES {
        let later = goal("13.2").with_mac_install(MacInstall::Later { deferrals: 3 });
        let mut mac = Dialogue::of_mac(later);
        mac.has("13.1");
        mac.said("ScheduleOSUpdateScan", "<key>ScanInitiated</key><true/>");
        mac.lists("<key>Version</key><string>13.2</string>");
        mac.said("OSUpdateStatus", NOTHING);
        for action in ["DownloadOnly", "InstallLater", "InstallASAP"] {
            says(&mut mac, place, action, &chain);
            assert!(!is_commanded(&mut Dialogue::clone(&mac)), "{action}");
        }
        says(&mut mac, place, "<string>Default</string>", &chain);
        assert_eq!(mac.plan.poll_transmit(mac.now).unwrap(), None);
        assert!(matches!(mac.plan.outcome(), Some(Outcome::Failed(_))), "{place:?}");
        assert_eq!(blocked(&mut mac), 0);
    }
}

#[test]
fn what_holds_a_command_up_is_told_again_once_the_command_was_taken() {
    let chain = [("MCMDMErrorDomain", 12077)];
    for place in PLACES {
        let mut ipad = ipad(false);
        let signed_in = |ipad: &mut Dialogue, status: &str| {
            says(ipad, place, "ScheduleOSUpdate", &chain);
            let first = blocked(ipad);
            ipad.has("16.7");
            ipad.said("OSUpdateStatus", status);
            says(ipad, place, "ScheduleOSUpdate", &chain);
            ipad.has("16.7");
            ipad.said("OSUpdateStatus", status);
            (first, blocked(ipad))
        };
        assert_eq!(signed_in(&mut ipad, NOTHING), (1, 0));
        // Saved and read between them.
        let saved = serde_json::to_string(&ipad.plan.clone().into_state()).unwrap();
        let state = serde_json::from_str(&saved).unwrap();
        ipad.plan = apple_mdm::plan::UpdatePlan::resume(state).unwrap();
        assert_eq!(signed_in(&mut ipad, NOTHING), (0, 0));
        // Signed out, and downloaded.
        ipad.said(
            "ScheduleOSUpdate",
            "<key>UpdateResults</key><array><dict><key>ProductKey</key><string>K</string>
             <key>InstallAction</key><string>Default</string><key>Status</key>
             <string>Downloading</string></dict></array>",
        );
        // What was in the way is not any more.
        let mut late = ipad.plan.clone();
        late.handle_timeout(ipad.now + Duration::days(20));
        let Some(Outcome::TimedOut { failure: None, .. }) = late.outcome() else {
            panic!("{:?}", late.outcome())
        };
        ipad.said("OSUpdateStatus", DOWNLOADED);
        assert_eq!(blocked(&mut ipad), 0);
        // Signed in again.
        assert_eq!(signed_in(&mut ipad, DOWNLOADED), (1, 0));
        // What holds up another question is another thing.
        ipad.refuses("ScheduleOSUpdate", 12078);
        assert_eq!(blocked(&mut ipad), usize::from(place != Place::Answer));
        ipad.has("16.7");
        ipad.refuses("OSUpdateStatus", 12078);
        assert_eq!(blocked(&mut ipad), 1);
    }
}
