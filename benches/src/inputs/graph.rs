//! Pages of Microsoft Graph.

use std::fmt::Write as _;

use super::Random;

/// A page of `drivers` drivers and the devices that each applies to, as Graph answers
/// `applicableContent` with its catalog entries.
#[must_use]
pub fn driver_page(drivers: usize) -> Vec<u8> {
    const MAKERS: [&str; 4] = ["Northwind", "Fabrikam", "Contoso", "Adatum"];
    let mut random = Random::new(200);
    let mut text = "{\"@odata.context\":\"https://graph.microsoft.com/beta/$metadata#\
        admin/windows/updates/deploymentAudiences('f660d844-30b7-46e4-a6cf-47e36164d3cb')/\
        applicableContent\",\"value\":["
        .to_owned();
    for number in 0..drivers {
        let maker = MAKERS[random.below(MAKERS.len())];
        let until = if random.below(4) == 0 { "\"2027-01-31T00:00:00Z\"" } else { "null" };
        if number > 0 {
            text.push(',');
        }
        let _ = write!(
            text,
            "{{\"catalogEntryId\":\"{number:064x}\",\"catalogEntry\":{{\
             \"@odata.type\":\"#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry\",\
             \"id\":\"{number:064x}\",\"displayName\":\"{maker} - Net - 4.2.0.{number}\",\
             \"deployableUntilDateTime\":{until},\"releaseDateTime\":\"2026-10-02T02:43:14Z\",\
             \"description\":\"{maker} \\\"Net\\\" driver update released in October 2026\",\
             \"driverClass\":\"OtherHardware\",\"provider\":\"{maker}\",\
             \"setupInformationFile\":null,\"manufacturer\":\"{maker}\",\
             \"version\":\"4.2.0.{number}\",\"versionDateTime\":\"2026-09-0{}T00:00:00Z\"}},\
             \"matchedDevices\":[",
            1 + random.below(9),
        );
        for device in 0..2 + random.below(2) {
            let comma = if device > 0 { "," } else { "" };
            let _ = write!(
                text,
                "{comma}{{\"recommendedBy\":[\"Microsoft\"],\
                 \"deviceId\":\"fb95f07d-9e73-411d-99ab-{:012x}\"}}",
                number * 8 + device
            );
        }
        text.push_str("]}");
    }
    text.push_str("]}");
    text.into_bytes()
}
