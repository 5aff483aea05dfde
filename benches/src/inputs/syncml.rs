//! Packages of OMA DM.

/// A Windows device's package 3: a status and a result for each of `items` nodes.
#[must_use]
pub fn device_package(items: usize) -> Vec<u8> {
    use syncml::model::{Body, Header, Item, Location, Meta, Results};
    use syncml::{Command, Data, Format};
    let mut commands = vec![Command::status(2.into(), 0.into(), "SyncHdr", syncml::StatusCode::OK)];
    let mut found = Vec::new();
    for number in 0..items {
        let uri = format!("./Vendor/MSFT/Update/InstallableUpdates/{:032x}/RevisionNumber", number);
        let mut answer = status(number);
        answer.target_refs.push(uri.clone().into());
        commands.push(Command::Status(answer));
        let meta = Meta::format(Format::Int).with_type("text/plain");
        found.push(
            Item::source(uri).with_meta(meta).with_data(Data::text((200 + number).to_string())),
        );
    }
    let mut results = Results::default();
    results.msg_ref = Some(2.into());
    results.cmd_ref = Some(5.into());
    results.items = found.into();
    commands.push(Command::Results(results));
    for (number, command) in (1u32..).zip(&mut commands) {
        command.set_cmd_id(number.into());
    }
    let header = Header::new(
        1.into(),
        3.into(),
        Location::new("https://mdm.example/ManagementServer/MDM.svc"),
        Location::new("urn:uuid:5f0c2f4e-0000-4000-8000-000000000001"),
    );
    let mut out = Vec::new();
    let message = syncml::Message::new(header, Body::last(commands));
    syncml::encode(&message, &mut out).expect("it can be written");
    out
}

fn status(number: usize) -> syncml::model::Status<'static> {
    let mut status = syncml::model::Status::default();
    status.msg_ref = Some(2.into());
    status.cmd_ref = Some(5.into());
    status.cmd = Some("Get".into());
    status.data = Some(if number % 7 == 0 { "404" } else { "200" }.into());
    status
}

/// A server's package of `commands` policies: a Replace or an Add each, as an MDM sends them.
#[must_use]
pub fn policy_package(commands: usize) -> Vec<u8> {
    use syncml::model::{Body, Header, Location};
    use syncml::{Command, Data, Format};
    let mut random = super::Random::new(42);
    let mut list = vec![Command::status(1.into(), 0.into(), "SyncHdr", syncml::StatusCode::OK)];
    for number in 0..commands {
        let uri = format!("./Vendor/MSFT/Policy/Config/Update/ConfigureDeadline{number:04}");
        let data = if random.below(4) == 0 {
            Data::text(format!("<Enabled/><Data id=\"a{number}\" value=\"1\"/>"))
        } else {
            Data::text(random.below(30).to_string())
        };
        list.push(if random.below(2) == 0 {
            Command::replace(uri, Format::Int, data)
        } else {
            Command::add(uri, Format::Int, data)
        });
    }
    for (number, command) in (1u32..).zip(&mut list) {
        command.set_cmd_id(number.into());
    }
    let header = Header::new(
        1.into(),
        2.into(),
        Location::new("urn:uuid:5f0c2f4e-0000-4000-8000-000000000001"),
        Location::new("https://mdm.example/ManagementServer/MDM.svc"),
    );
    let mut out = Vec::new();
    syncml::encode(&syncml::Message::new(header, Body::last(list)), &mut out)
        .expect("it can be written");
    out
}
