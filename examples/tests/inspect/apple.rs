//! What `mdm-inspect` shows of Apple's messages and declarations: what they are, what they mean,
//! what is odd about them, and no secrets.

use mdm_examples::inspect::{View, inspect};

use super::shown::{has, json, odd};

fn plist(inner: &str) -> View {
    inspect("message", format!("<plist>\n<dict>\n{inner}\n</dict></plist>").as_bytes())
}

#[test]
fn check_in_messages_show_no_tokens() {
    let view = plist(
        "<key>MessageType</key><string>TokenUpdate</string>\n<key>UDID</key><string>U1</string>\
         <key>Topic</key><string>com.apple.mgmt.x</string><key>PushMagic</key><string>c2VjcmV0</string>\
         <key>Token</key><data>c2VjcmV0</data><key>UnlockToken</key><string>c2VjcmV0</string>\
         <key>UserID</key><string>U2</string><key>UserShortName</key><string>jdoe</string>\n\
         <key>NotOnConsole</key><integer>1</integer>",
    );
    assert_eq!((view.kind.as_str(), &view.error), ("Apple check-in message", &None));
    has(
        &view,
        &[
            "TokenUpdate of U1, user jdoe",
            "PushMagic: (string, not shown)",
            "Token: (data, not shown)",
        ],
    );
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
    assert_eq!(odd(&view, "apple-integer-for-boolean").line, 5);
}

#[test]
fn declarative_management_shows_the_report_in_it() {
    // {"StatusItems":{"softwareupdate":{"install-state":"failed","failure-reason":{"count":2,"reason":"full"}},"x":1}}
    let data = "eyJTdGF0dXNJdGVtcyI6eyJzb2Z0d2FyZXVwZGF0ZSI6eyJpbnN0YWxsLXN0YXRlIjoiZmFpbGVkIiwiZmFpbHVyZS1yZWFz\
        b24iOnsiY291bnQiOjIsInJlYXNvbiI6ImZ1bGwifX0sIngiOjF9fQ==";
    let view = plist(&format!(
        "<key>MessageType</key><string>DeclarativeManagement</string><key>UDID</key><string>U1</string>\
         <key>Endpoint</key><string>status</string><key>Data</key><data>{data}</data>"
    ));
    has(
        &view,
        &["endpoint status", "a report of what changed", "update: failed", "failed 2 times: full"],
    );
    assert_eq!(odd(&view, "ddm-unknown-key").path, "(Data) StatusItems/x");
}

#[test]
fn answers_say_what_their_errors_mean() {
    let view = plist(
        "<key>Status</key><string>Error</string><key>CommandUUID</key><string>c-1</string>\
         <key>UDID</key><string>U1</string>\n<key>ErrorChain</key><array><dict>\
         <key>ErrorCode</key><integer>12008</integer><key>ErrorDomain</key><string>MCMDMErrorDomain</string>\
         <key>USEnglishDescription</key><string>No.</string></dict></array>",
    );
    assert_eq!(view.kind, "Apple answer");
    has(
        &view,
        &[
            "Error to c-1 from U1",
            "error MCMDMErrorDomain 12008: No.",
            "which means: UnsupportedAction",
        ],
    );
    assert_eq!(odd(&view, "apple-missing-key").path, "ErrorChain[0]");
    let view = plist(
        "<key>Status</key><string>Acknowledged</string><key>AvailableOSUpdates</key><array/>",
    );
    has(&view, &["Acknowledged from nobody", "0 available updates"]);
    assert_eq!(odd(&view, "apple-no-device").severity, "error");
}

#[test]
fn commands_and_profiles_are_told_by_name() {
    let view = plist(
        "<key>CommandUUID</key><string>c-2</string><key>Command</key><dict>\
         <key>RequestType</key><string>DeviceInformation</string><key>Queries</key><array>\
         <string>OSVersion</string><string>OSVersion</string></array></dict>",
    );
    assert_eq!(view.kind, "Apple command");
    has(&view, &["DeviceInformation c-2", "Command: dictionary"]);
    odd(&view, "apple-duplicate-query");
    let view = plist("<key>Command</key><dict><key>RequestType</key><string>X</string></dict>");
    assert!(odd(&view, "apple-message").message.contains("CommandUUID"), "{view:#?}");
    has(&view, &["Command: dictionary"]);
    let view = plist(
        "<key>PayloadType</key><string>Configuration</string><key>PayloadIdentifier</key>\
         <string>org.example.p</string><key>PayloadContent</key><array><dict><key>PayloadType</key>\
         <string>com.apple.wifi.managed</string><key>Password</key><string>c2VjcmV0</string></dict></array>",
    );
    assert_eq!(view.kind, "Apple profile");
    has(&view, &["org.example.p", "com.apple.wifi.managed", "Password: (string, not shown)"]);
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
    assert_eq!(plist("<key>A</key><true/>").kind, "plist");
}

#[test]
fn status_reports_say_how_the_update_and_the_declarations_are() {
    let view = json(
        r#"{"StatusItems": {"device": {"operating-system": {"family": "iOS", "version": "26.0",
            "build-version": "23A1"}},
          "softwareupdate": {"install-state": "waiting", "pending-version": {"os-version": "26.1",
            "build-version": "23B1", "target-local-date-time": "2026-01-20T18:00:00"},
            "install-reason": {"reason": ["declaration"], "declaration-id": "d1"}},
          "management": {"push-token": "c2VjcmV0", "declarations": {"configurations": [
            {"identifier": "d1", "active": false, "valid": "invalid", "server-token": "t1", "reasons": [
              {"code": "Error.Other", "description": "never"}]}]}}},
         "Errors": [{"StatusItem": "passcode.is-present", "Reasons": [{"Code": "Error.Unknown"}]}],
         "FullReport": true}"#,
    );
    assert_eq!((view.kind.as_str(), &view.error), ("Apple status report", &None));
    has(
        &view,
        &[
            "a report of everything",
            "iOS 26.0 (23A1)",
            "update: waiting",
            "pending: 26.1 (23B1) by 2026-01-20T18:00:00",
            "because of: declaration (d1)",
            "declaration d1: not active, validity invalid, token t1",
            "Error.Other: never",
            "no passcode.is-present",
            "push-token: (not shown)",
        ],
    );
    assert_eq!(odd(&view, "ddm-unknown-value").line, 8);
    assert_eq!(odd(&view, "ddm-unknown-key").path, "StatusItems/management/push-token");
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
}

#[test]
fn status_items_are_told_without_a_report_as_well() {
    let view = json(r#"{"softwareupdate": {"install-state": "none", "odd": 1}}"#);
    assert_eq!((view.kind.as_str(), &view.error), ("Apple status items", &None));
    has(&view, &["without a report around them", "update: none"]);
    assert_eq!(odd(&view, "ddm-unknown-key").path, "softwareupdate/odd");
    let view = json(r#"{"management": {"client-capabilities": {}}}"#);
    assert_eq!(view.kind, "Apple status items");
    assert_eq!(json(r#"{"management": {"other": 1}}"#).kind, "JSON");
}

#[test]
fn declarations_tokens_and_items_are_told_apart() {
    let view = json(
        r#"{"Type": "com.apple.configuration.softwareupdate.enforcement.specific", "Identifier": "d1",
            "Payload": {"TargetOSVersion": "26.1", "TargetLocalDateTime": "2026-01-20T18:00:00",
            "Colour": "blue"}}"#,
    );
    assert_eq!((view.kind.as_str(), &view.error), ("Apple declaration", &None));
    has(
        &view,
        &[
            "identifier d1",
            "without ServerToken, as people write it: the server adds it",
            "26.1 by 2026-01-20T18:00:00",
        ],
    );
    let found = odd(&view, "ddm-unknown-key");
    assert_eq!((found.path.as_str(), found.line), ("Payload/Colour", 3));
    let view = json(
        r#"{"Type": "com.apple.configuration.softwareupdate.settings", "Identifier": "d2",
            "ServerToken": "t", "Payload": {"Deferrals": {"MajorPeriodInDays": 91},
            "Beta": {"RequireProgram": {"Description": "b", "Token": "c2VjcmV0"}}}}"#,
    );
    assert!(odd(&view, "ddm-settings").message.contains("91"));
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
    let view = json(
        r#"{"Type": "com.apple.configuration.softwareupdate.enforcement.specific", "Identifier": "d1",
            "ServerToken": "t", "Payload": {"TargetOSVersion": "26.1"}}"#,
    );
    assert!(view.kind == "Apple declaration" && view.error.unwrap().contains("line 2"));
    let view =
        json(r#"{"SyncTokens": {"DeclarationsToken": "t", "Timestamp": "2026-01-20T18:00:00Z"}}"#);
    assert_eq!(view.kind, "Apple tokens");
    has(&view, &["token t at 2026-01-20T18:00:00Z"]);
    let view = json(
        r#"{"Declarations": {"Activations": [], "Configurations": [{"Identifier": "d1",
            "ServerToken": "t1"}], "Assets": [], "Management": []}, "DeclarationsToken": "t"}"#,
    );
    assert_eq!(view.kind, "Apple declaration items");
    has(&view, &["token t", "configuration d1, token t1"]);
}

#[test]
fn the_version_catalogue_is_a_line_for_each_version() {
    let view = json(
        r#"{"PublicAssetSets": {"iOS": [{"ProductVersion": "26.1", "Build": "23B1",
              "PostingDate": "2026-01-10", "ExpirationDate": "2026-05-01", "SupportedDevices": ["A", "B"]},
             {"ProductVersion": "never", "SupportedDevices": ["A"]}]},
            "Later": {}}"#,
    );
    assert_eq!((view.kind.as_str(), &view.error), ("Apple version catalogue", &None));
    has(&view, &["iOS 26.1 (23B1), public, posted 2026-01-10, expires 2026-05-01, 2 devices"]);
    assert_eq!(odd(&view, "gdmf-version").line, 3);
    assert_eq!(odd(&view, "gdmf-unknown-list").line, 4);
}
