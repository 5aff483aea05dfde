//! The XML layer by itself: events, and text without its escapes.

use std::hint::black_box;

use super::{Scale, rivals};
use crate::claims::Claim;
use crate::inputs;
use crate::measure::Group;
use crate::report::Report;

/// Measures it.
pub fn measure(scale: &Scale, report: &mut Report) {
    let options = mdm_xml::Options::default();
    let packages = [
        ("a device's package", inputs::device_package(200)),
        ("updates", inputs::update_data(if scale.quick { 2 } else { 100 })),
    ];
    for (name, bytes) in &packages {
        let group = Group::new(format!("xml events of {name}"), bytes.len())
            .with("quick-xml raw", || rivals::quick_xml_raw(black_box(bytes)))
            .with("quick-xml namespaces", || rivals::quick_xml_namespaces(black_box(bytes)))
            .with("roxmltree", || rivals::roxmltree(black_box(bytes)))
            .with("memchr", || rivals::scan(black_box(bytes)))
            .with("mdm-xml", || rivals::mdm_xml(black_box(bytes), &options));
        let table = report.table(group.measure(scale.rounds));
        let ratio = table.ratio("mdm-xml", "quick-xml namespaces");
        report.claim(Claim::at_least(
            format!("XML events of {name} vs quick-xml with namespaces"),
            ratio,
            1.1,
            2.2,
        ));
    }
    let text = String::from_utf8(inputs::update_data(2)).expect("UTF-8");
    let start = text.find("&lt;").expect("an escaped document");
    let escaped = &text[start..start + text[start..].find('<').expect("its end")];
    let plain = mdm_xml::unescape(escaped).expect("references").into_owned();
    let mut out = String::new();
    let group = Group::new("text that was escaped", escaped.len())
        .with("quick-xml", || {
            quick_xml::escape::unescape(black_box(escaped)).expect("references").len()
        })
        .with("mdm-xml", || mdm_xml::unescape(black_box(escaped)).expect("references").len());
    let ratio = report.table(group.measure(scale.rounds)).ratio("mdm-xml", "quick-xml");
    report.claim(Claim::at_least("unescape vs quick-xml", ratio, 1.3, 1.5));
    let group = Group::new("text to be escaped", plain.len())
        .with("quick-xml", || quick_xml::escape::partial_escape(black_box(plain.as_str())).len())
        .with("mdm-xml", || {
            out.clear();
            mdm_xml::Writer::new(&mut out).text(black_box(&plain));
            out.len()
        });
    let ratio = report.table(group.measure(scale.rounds)).ratio("mdm-xml", "quick-xml");
    report.claim(Claim::at_least("escape vs quick-xml", ratio, 1.3, 2.0));
}
