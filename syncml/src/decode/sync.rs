//! Commands that only SyncML DS has: Sync, Map, Search.

use mdm_xml::Element;

use super::Decoder;
use super::command::{flag, once};
use super::name::Name;
use crate::error::Error;
use crate::id::CmdId;
use crate::model::{Attribute, Map, MapItem, Search, Sync};

impl<'x> Decoder<'x> {
    /// A child of Sync that is no command; whether it was one.
    pub(super) fn in_sync(
        &mut self,
        sync: &mut Sync<'x>,
        child: &Element<'x>,
    ) -> Result<bool, Error> {
        let child = *child;
        match Name::of(child.local()) {
            Name::CmdId => {
                once!(self, sync.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
            }
            Name::NoResp => flag!(self, sync.no_resp, child, "NoResp"),
            Name::Cred => once!(self, sync.cred, child, self.cred(&child)?),
            Name::Target => once!(self, sync.target, child, self.location(&child)?),
            Name::Source => once!(self, sync.source, child, self.location(&child)?),
            Name::Meta => once!(self, sync.meta, child, self.meta(&child)?),
            Name::NumberOfChanges => {
                once!(self, sync.number_of_changes, child, "NumberOfChanges", self.token(&child)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn map(&mut self, element: &Element<'x>, map: &mut Map<'x>) -> Result<(), Error> {
        self.attributes(element, "", 0, &mut map.attributes);
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                map.extra.push(self.unknown(&child)?);
                continue;
            }
            match Name::of(child.local()) {
                Name::CmdId => {
                    once!(self, map.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                Name::Target => once!(self, map.target, child, self.location(&child)?),
                Name::Source => once!(self, map.source, child, self.location(&child)?),
                Name::Cred => once!(self, map.cred, child, self.cred(&child)?),
                Name::Meta => once!(self, map.meta, child, self.meta(&child)?),
                Name::MapItem => {
                    self.count_item(&child)?;
                    let mut item = MapItem::default();
                    self.attributes(&child, "", 0, &mut item.attributes);
                    while let Some(child) = self.reader.child()? {
                        if !self.ours(&child) {
                            item.extra.push(self.unknown(&child)?);
                            continue;
                        }
                        match Name::of(child.local()) {
                            Name::Target => once!(self, item.target, child, self.location(&child)?),
                            Name::Source => once!(self, item.source, child, self.location(&child)?),
                            _ => item.extra.push(self.unknown(&child)?),
                        }
                    }
                    map.items.push(item);
                }
                _ => map.extra.push(self.unknown(&child)?),
            }
        }
        Ok(())
    }

    pub(super) fn search(
        &mut self,
        element: &Element<'x>,
        search: &mut Search<'x>,
    ) -> Result<(), Error> {
        self.attributes(element, "", 0, &mut search.attributes);
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                search.extra.push(self.unknown(&child)?);
                continue;
            }
            match Name::of(child.local()) {
                Name::CmdId => {
                    once!(self, search.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                Name::NoResp => flag!(self, search.no_resp, child, "NoResp"),
                Name::NoResults => flag!(self, search.no_results, child, "NoResults"),
                Name::Cred => once!(self, search.cred, child, self.cred(&child)?),
                Name::Target => once!(self, search.target, child, self.location(&child)?),
                Name::Source => search.sources.push(self.location(&child)?),
                Name::Lang => once!(self, search.lang, child, "Lang", self.token(&child)?),
                Name::Meta => once!(self, search.meta, child, self.meta(&child)?),
                Name::Data if search.data.is_none() => {
                    let (data, attributes) = self.data(&child)?;
                    search.data = Some(data);
                    for (name, value) in attributes {
                        let element = "Data".into();
                        search.attributes.push(Attribute {
                            element,
                            name,
                            value,
                            ..Attribute::default()
                        });
                    }
                }
                Name::Data => search.extra.push(self.repeated(&child)?),
                _ => search.extra.push(self.unknown(&child)?),
            }
        }
        Ok(())
    }
}
