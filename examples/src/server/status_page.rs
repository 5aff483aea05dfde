//! The status page: rendered on the server, one page, no script.

use mdm_xml::escape_text;

use super::terms::LicenceText;
use super::{Server, ServerError};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #ccc}\
.ok{color:#176f2c}.bad{color:#a11}";

impl Server {
    /// The page.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn status_page(&self) -> Result<String, ServerError> {
        let report = self.report()?;
        let pending = self.pending_updates()?;
        let mut page = format!(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Updates</title>\
             <style>{STYLE}</style><h1>Updates</h1><p>{} (virtual time)</p><h2>Devices</h2>\
             <table><tr><th>Device<th>Kind<th>Standing<th>Installed<th>Not approved",
            self.now().format("%Y-%m-%d %H:%M")
        );
        for device in &report.devices {
            let class = if device.compliant { "ok" } else { "bad" };
            page.push_str(&format!(
                "<tr><td>{}<td>{}<td class=\"{class}\">{}<td>{}<td>{}",
                escape_text(&device.name),
                escape_text(&device.kind),
                escape_text(&device.standing),
                device.installed,
                escape_text(&device.waiting.join("; ")),
            ));
        }
        page.push_str("</table><h2>Updates that wait for IT</h2>");
        if pending.is_empty() {
            page.push_str("<p>None.</p>");
        } else {
            page.push_str("<ul>");
            for update in &pending {
                page.push_str(&format!("<li>{}", escape_text(&update.title)));
                for terms in &update.terms {
                    page.push_str(&format!("; licence terms {} to accept", terms.id));
                    terms.texts.iter().for_each(|text| page.push_str(&link(text)));
                }
                if update.parts_missing {
                    page.push_str("; parts of it are not known, so it may have more terms");
                }
            }
            page.push_str("</ul>");
        }
        page.push_str(&self.driver_section()?);
        page.push_str("</html>");
        Ok(page)
    }
}

/// A text of licence terms. The address is Microsoft Update's: it must not be a script.
fn link(text: &LicenceText) -> String {
    let language = escape_text(&text.language);
    let web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    match text.url.as_ref().filter(web) {
        Some(url) => {
            let url = escape_text(url).replace('"', "&quot;");
            format!(" <a href=\"{url}\">{language}</a>")
        }
        None => format!(" {language} (no address)"),
    }
}
