//! Pages of Microsoft Graph.

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
