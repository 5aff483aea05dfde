//! Commands that only SyncML DS has: Sync, Map, Search.

use mdm_xml::Element;

use super::Decoder;
use super::command::{flag, once};
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
        match child.local() {
            "CmdID" => once!(self, sync.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?)),
            "NoResp" => flag!(self, sync.no_resp, child, "NoResp"),
            "Cred" => once!(self, sync.cred, child, self.cred(&child)?),
            "Target" => once!(self, sync.target, child, self.location(&child)?),
            "Source" => once!(self, sync.source, child, self.location(&child)?),
            "Meta" => once!(self, sync.meta, child, self.meta(&child)?),
            "NumberOfChanges" => {
                once!(self, sync.number_of_changes, child, "NumberOfChanges", self.token(&child)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn map(&mut self, element: &Element<'x>) -> Result<Map<'x>, Error> {
        let mut map = Map::default();
        self.attributes(element, "", 0, &mut map.attributes);
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                map.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "CmdID" => once!(self, map.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?)),
                "Target" => once!(self, map.target, child, self.location(&child)?),
                "Source" => once!(self, map.source, child, self.location(&child)?),
                "Cred" => once!(self, map.cred, child, self.cred(&child)?),
                "Meta" => once!(self, map.meta, child, self.meta(&child)?),
                "MapItem" => {
                    self.count_item(&child)?;
                    let mut item = MapItem::default();
                    self.attributes(&child, "", 0, &mut item.attributes);
                    while let Some(child) = self.reader.child()? {
                        match child.local() {
                            "Target" => once!(self, item.target, child, self.location(&child)?),
                            "Source" => once!(self, item.source, child, self.location(&child)?),
                            _ => item.extra.push(self.unknown(&child)?),
                        }
                    }
                    map.items.push(item);
                }
                _ => map.extra.push(self.unknown(&child)?),
            }
        }
        Ok(map)
    }

    pub(super) fn search(&mut self, element: &Element<'x>) -> Result<Search<'x>, Error> {
        let mut search = Search::default();
        self.attributes(element, "", 0, &mut search.attributes);
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                search.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "CmdID" => {
                    once!(self, search.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                "NoResp" => flag!(self, search.no_resp, child, "NoResp"),
                "NoResults" => flag!(self, search.no_results, child, "NoResults"),
                "Cred" => once!(self, search.cred, child, self.cred(&child)?),
                "Target" => once!(self, search.target, child, self.location(&child)?),
                "Source" => search.sources.push(self.location(&child)?),
                "Lang" => once!(self, search.lang, child, "Lang", self.token(&child)?),
                "Meta" => once!(self, search.meta, child, self.meta(&child)?),
                "Data" if search.data.is_none() => {
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
                "Data" => search.extra.push(self.repeated(&child)?),
                _ => search.extra.push(self.unknown(&child)?),
            }
        }
        Ok(search)
    }
}
