//! Property lists: Apple's check-in messages, answers, commands and profiles, and any other.

use apple_mdm::messages::{
    Answer, Channel, CheckIn, CheckInMessage, Diagnostic, Enrollment, Error, ErrorChain, Report,
    ReportStatus, Request,
};
use apple_mdm::plist::{Dictionary, Limits, Value, decode_noting};
use apple_mdm::profile::Profile;

use super::{graph, tree};
use crate::inspect::{Oddity, View, short};

/// Errors of a chain, and payloads of a profile, that are told by themselves.
const SHOWN: usize = 50;

pub(in crate::inspect) fn plist(bytes: &[u8]) -> View {
    let limits = Limits::default();
    let (value, found) = match decode_noting(bytes, &limits) {
        Ok(read) => read,
        Err(error) => return View::of("plist").failed(&error),
    };
    let mut view = match value.as_dictionary().map(kind_of) {
        Some(Kind::CheckIn) => {
            message("Apple check-in message", CheckIn::decode_noting(bytes, &limits), check_in)
        }
        Some(Kind::Report) => {
            message("Apple answer", Report::decode_noting(bytes, &limits), report)
        }
        Some(Kind::Request) => {
            message("Apple command", Request::decode_noting(bytes, &limits), request)
        }
        Some(Kind::Profile) => {
            let read = Profile::decode(bytes, &limits).map(|profile| (profile, Vec::new()));
            let mut view = message("Apple profile", read, profile);
            view.note(&found);
            view
        }
        _ => {
            let mut view = View::of("plist");
            view.note(&found);
            view
        }
    };
    tree::plist(&mut view, &value);
    view
}

enum Kind {
    CheckIn,
    Report,
    Request,
    Profile,
    Other,
}

fn kind_of(list: &Dictionary<'_>) -> Kind {
    let status = list.str("Status").map(ReportStatus::from_text);
    let is_answer = match &status {
        Some(ReportStatus::Other(_)) => list.contains("CommandUUID"),
        known => known.is_some(),
    };
    if list.str("MessageType").is_some() {
        Kind::CheckIn
    } else if is_answer {
        Kind::Report
    } else if list.dictionary("Command").is_some() {
        Kind::Request
    } else if list.str("PayloadType") == Some("Configuration") {
        Kind::Profile
    } else {
        Kind::Other
    }
}

/// A message, or why the list is none although it looks like one.
fn message<T>(
    kind: &str,
    read: Result<(T, Vec<Diagnostic>), Error>,
    write: impl FnOnce(&mut View, &T),
) -> View {
    let mut view = View::of(kind);
    match read {
        Ok((message, found)) => {
            write(&mut view, &message);
            view.note(&found);
        }
        Err(error) => {
            let place = error.position();
            view.odd(Oddity {
                code: "apple-message".to_owned(),
                severity: "error".to_owned(),
                line: place.map_or(1, |place| place.line),
                column: place.map_or(1, |place| place.column),
                path: error.path().unwrap_or_default().to_owned(),
                message: format!("not a message as it should be: {}", error.kind()),
            });
        }
    }
    view
}

/// Whose message it is.
fn whose(of: &Enrollment<'_>) -> String {
    let device = of.udid.or(of.enrollment_id).map_or_else(|| "nobody".to_owned(), short);
    let user = of.user_short_name.or(of.user_id).or(of.enrollment_user_id);
    match (of.channel(), user) {
        (Channel::User, Some(user)) => format!("{device}, user {}", short(user)),
        (Channel::User, None) => format!("{device}, a user"),
        (Channel::Device, _) => device,
    }
}

fn check_in(view: &mut View, message: &CheckIn<'_>) {
    let kind = short(message.message_type.as_str());
    view.line(0, format_args!("{kind} of {}", whose(&message.enrollment())));
    let CheckInMessage::DeclarativeManagement(asked) = message.message() else { return };
    let endpoint = asked.endpoint().unwrap_or_default();
    view.line(1, format_args!("endpoint {}", short(endpoint)));
    if let Some(data) = asked.data().filter(|data| !data.is_empty()) {
        view.take(1, "Data", graph::json(data));
    }
}

fn report(view: &mut View, report: &Report<'_>) {
    let to = match &report.command_uuid {
        Some(uuid) => format!(" to {}", short(uuid.as_str())),
        None => String::new(),
    };
    let status = short(report.status.as_str());
    view.line(0, format_args!("{status}{to} from {}", whose(&report.enrollment())));
    if !report.errors.is_empty() {
        errors(view, &report.errors);
        if report.is_no_update() {
            view.line(1, "an empty list, and no failure");
        }
    }
    let count = |what: &str, count: usize| Some(format!("{count} {what}"));
    let answer = match report.answer() {
        Answer::AvailableOsUpdates(all) => count("available updates", all.len()),
        Answer::OsUpdateStatus(all) => count("updates on their way", all.len()),
        Answer::UpdateResults(all) => {
            for one in all.iter().take(SHOWN) {
                if let Some(chain) = one.error_chain().filter(|chain| !chain.is_empty()) {
                    errors(view, &chain);
                }
            }
            count("scheduled updates", all.len())
        }
        Answer::Scan(scan) => Some(match scan.began() {
            Some(true) => "the scan began".to_owned(),
            Some(false) => "the scan did not begin".to_owned(),
            None => "it does not say whether the scan began".to_owned(),
        }),
        Answer::Settings(all) => count("settings", all.len()),
        Answer::DeviceInformation(_) => Some("about the device".to_owned()),
        Answer::SecurityInfo(_) => Some("about the device's security".to_owned()),
        _ => None,
    };
    if let Some(answer) = answer {
        view.line(1, answer);
    }
}

/// A chain of errors, and what it means.
fn errors(view: &mut View, chain: &ErrorChain) {
    for entry in chain.entries.iter().take(SHOWN) {
        let (domain, text) = (short(&entry.domain), short(&entry.description));
        view.line(1, format_args!("error {domain} {}: {text}", entry.code));
    }
    view.line(1, format_args!("which means: {:?}", chain.classify()));
}

fn request(view: &mut View, request: &Request) {
    let kind = short(request.command.request_type());
    view.line(0, format_args!("{kind} {}", short(request.command_uuid.as_str())));
    if request.requires_network_tether == Some(true) {
        view.line(1, "over a tethered network only");
    }
}

fn profile(view: &mut View, profile: &Profile) {
    let identifier = profile.identifier().map_or_else(|| "without identifier".to_owned(), short);
    view.line(0, identifier);
    let content = profile.dictionary().array("PayloadContent").unwrap_or_default();
    for payload in content.iter().filter_map(Value::as_dictionary).take(SHOWN) {
        let kind = payload.str("PayloadType").map_or_else(|| "(no PayloadType)".to_owned(), short);
        view.line(1, kind);
    }
    if content.len() > SHOWN {
        view.line(1, format_args!("… {} more payloads", content.len() - SHOWN));
    }
}
