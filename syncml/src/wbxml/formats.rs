//! Which format Data has: that of its item, or else of its command (MS-MDM 2.2.5.3). Bytes travel
//! raw in WBXML where it is `bin`, and as base64 in XML.

/// Bytes of a format's name, blanks around it included.
const LONGEST: usize = 64;

/// Follows the elements of a message.
#[derive(Debug, Default)]
pub(super) struct Formats {
    command: Option<String>,
    item: Option<String>,
    in_item: bool,
    in_format: bool,
}

impl Formats {
    /// An element begins.
    pub(super) fn start(&mut self, name: &str) {
        match name {
            "Add" | "Copy" | "Delete" | "Exec" | "Get" | "Put" | "Replace" | "Results"
            | "Alert" | "Status" | "Cred" => {
                self.command = None;
                self.item = None;
                self.in_item = false;
            }
            "Item" => {
                self.item = None;
                self.in_item = true;
            }
            _ => {}
        }
        self.in_format = name == "Format";
    }

    /// Text follows.
    pub(super) fn text(&mut self, text: &str) {
        if self.in_format {
            let place = if self.in_item { &mut self.item } else { &mut self.command };
            let place = place.get_or_insert_default();
            // It is asked for at every Data; what is longer names no format.
            if place.len() <= LONGEST {
                place.push_str(text);
            }
        }
    }

    /// An element ends.
    pub(super) fn end(&mut self, name: &str) {
        self.in_format = false;
        if name == "Item" {
            self.in_item = false;
            self.item = None;
        }
    }

    /// The format of Data here; empty where none is said.
    pub(super) fn format(&self) -> &str {
        let inner = if self.in_item { self.item.as_deref() } else { None };
        let format = inner.or(self.command.as_deref());
        format.filter(|format| format.len() <= LONGEST).unwrap_or_default().trim()
    }

    /// Whether Data here is bytes.
    pub(super) fn is_bin(&self) -> bool {
        self.format() == "bin"
    }
}
