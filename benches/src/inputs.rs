//! Inputs, made by rule: the same bytes on every machine.

use wsusss::messages::{self, Message, Soap, UpdateData, UpdateDocument};
use wsusss::{UpdateId, UpdateKey};

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
        answer.target_refs = vec![uri.clone().into()];
        commands.push(Command::Status(answer));
        let meta = Meta::format(Format::Int).with_type("text/plain");
        found.push(
            Item::source(uri).with_meta(meta).with_data(Data::text((200 + number).to_string())),
        );
    }
    let mut results = Results::default();
    results.msg_ref = Some(2.into());
    results.cmd_ref = Some(5.into());
    results.items = found;
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

/// An answer to GetUpdateData with `updates` documents of some kilobytes in ten languages.
#[must_use]
pub fn update_data(updates: usize) -> Vec<u8> {
    let languages = ["en", "de", "fr", "es", "it", "ja", "ko", "zh-cn", "pt-br", "cs"];
    let mut data = UpdateData::default();
    for number in 0..updates {
        let key = UpdateKey::new(UpdateId::from_u128(0x1000_0000 + number as u128), 200);
        let mut text = format!(
            "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
             <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"200\" /><upd:Properties \
             DefaultPropertiesLanguage=\"en\" UpdateType=\"Software\" ExplicitlyDeployable=\"true\" \
             CreationDate=\"2026-11-10T18:00:00Z\"><upd:KBArticleID>{}</upd:KBArticleID>\
             </upd:Properties><upd:LocalizedPropertiesCollection>",
            key.id,
            5_000_000 + number
        );
        for language in languages {
            text.push_str(&format!(
                "<upd:LocalizedProperties><upd:Language>{language}</upd:Language><upd:Title>2026-11 \
                 Cumulative Update for Fabrikam OS 11 ({number})</upd:Title><upd:Description>Install \
                 this update to resolve issues. For a complete listing see the article. After you \
                 install this item, you may have to restart.</upd:Description>\
                 </upd:LocalizedProperties>"
            ));
        }
        text.push_str("</upd:LocalizedPropertiesCollection><upd:ApplicabilityRules>");
        for rule in 0..60 {
            text.push_str(&format!(
                "<lar:And xmlns:lar=\"http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules\">\
                 <b.RegDword Key=\"HKEY_LOCAL_MACHINE\" Value=\"{rule}\" /></lar:And>"
            ));
        }
        text.push_str("</upd:ApplicabilityRules></upd:Update>");
        data.updates.push(UpdateDocument::text(key, text));
    }
    let mut out = Vec::new();
    messages::encode(Soap::V11, &Message::GetUpdateDataResponse(data), &mut out)
        .expect("it can be written");
    out
}

/// An answer to AvailableOSUpdates with `updates` updates.
#[must_use]
pub fn available_updates(updates: usize) -> Vec<u8> {
    use apple_mdm::plist::{Dictionary, Value, write_xml};
    let items = (0..updates).map(|number| {
        Dictionary::new()
            .with("AllowsInstallLater", true)
            .with("Build", format!("22H{number}"))
            .with("DownloadSize", 225_236_247)
            .with("HumanReadableName", format!("iOS 18.7.{number}"))
            .with("InstallSize", 537_000_000)
            .with("IsCritical", false)
            .with("ProductKey", format!("iOSUpdate22H{number}"))
            .with("RestartRequired", true)
            .with("Version", format!("18.7.{number}"))
            .into()
    });
    let report = Dictionary::new()
        .with("AvailableOSUpdates", Value::Array(items.collect()))
        .with("CommandUUID", "0001_AvailableOSUpdates")
        .with("Status", "Acknowledged")
        .with("UDID", "00008020-000915083C80012E");
    let mut out = Vec::new();
    write_xml(&report.into(), &mut out);
    out
}

/// A page of `drivers` drivers as Graph answers it.
#[must_use]
pub fn driver_page(drivers: usize) -> Vec<u8> {
    let mut text =
        "{\"@odata.context\":\"https://graph.microsoft.com/beta/$metadata\",\"value\":[".to_owned();
    for number in 0..drivers {
        if number > 0 {
            text.push(',');
        }
        text.push_str(&format!(
            "{{\"catalogEntry\":{{\"@odata.type\":\"#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry\",\
             \"id\":\"{number:064x}\",\"displayName\":\"Northwind - Net - 4.2.0.{number}\",\
             \"deployableUntilDateTime\":null,\"releaseDateTime\":\"2026-10-02T02:43:14Z\",\
             \"description\":\"Network driver\",\"driverClass\":\"OtherHardware\",\"provider\":\"Northwind\",\
             \"manufacturer\":\"Northwind\",\"version\":\"4.2.0.{number}\"}},\"matchedDevices\":[\
             {{\"recommendedBy\":[\"Microsoft\"],\"deviceId\":\"fb95f07d-9e73-411d-99ab-{number:012x}\"}}]}}"
        ));
    }
    text.push_str("]}");
    text.into_bytes()
}
