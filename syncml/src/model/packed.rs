//! The model as few bytes ([`crate::pack`]). The numbers and the order of fields are part of what is
//! stored: they stay as they are.

use std::borrow::Cow;

use super::{
    Alert, Anchor, Attribute, Challenge, Command, Cred, Data, Format, Group, Item, Location, Map,
    MapItem, Mem, Meta, OwnBytes, Raw, Request, Results, Search, Status, Sync,
};
use crate::id::{CmdId, MsgId};
use crate::pack::{Broken, Input, Pack, packed, packed_enum, write_bytes};

packed! {
    Location<'static> { loc_uri, loc_name, extra, attributes }
    Item<'static> { target, meta, data, source, more_data, data_attributes, extra, attributes }
    Meta<'static> {
        format, typ, mark, size, anchor, version, next_nonce, max_msg_size, max_obj_size, emi, mem,
        field_level, extra, attributes,
    }
    Anchor<'static> { last, next, extra, attributes }
    Mem<'static> { shared, free_mem, free_id, extra, attributes }
    Cred<'static> { meta, data, extra, attributes }
    Challenge<'static> { meta, extra, attributes }
    Attribute<'static> { element, index, name, value }
    Request<'static> {
        cmd_id, no_resp, cred, meta, correlator, items, extra, attributes, own_bytes,
    }
    Alert<'static> { cmd_id, no_resp, cred, data, correlator, items, extra, attributes, own_bytes }
    Status<'static> {
        cmd_id, msg_ref, cmd_ref, cmd, data, target_refs, source_refs, cred, challenge,
        data_attributes, items, extra, attributes, own_bytes,
    }
    Results<'static> {
        cmd_id, msg_ref, cmd_ref, cmd, meta, target_refs, source_refs, items, extra, attributes,
        own_bytes,
    }
    Group<'static> { cmd_id, no_resp, meta, commands, extra, attributes, own_bytes }
    Sync<'static> {
        cmd_id, no_resp, cred, target, source, meta, number_of_changes, commands, extra,
        attributes, own_bytes,
    }
    Map<'static> { cmd_id, target, source, cred, meta, items, extra, attributes, own_bytes }
    MapItem<'static> { target, source, extra, attributes }
    Search<'static> {
        cmd_id, no_resp, no_results, cred, target, sources, lang, meta, data, extra, attributes,
        own_bytes,
    }
}

packed_enum! {
    Command<'static> {
        0 = Add(request), 1 = Alert(alert), 2 = Atomic(group), 3 = Copy(request),
        4 = Delete(request), 5 = Exec(request), 6 = Get(request), 7 = Map(map), 8 = Move(request),
        9 = Put(request), 10 = Replace(request), 11 = Results(results), 12 = Search(search),
        13 = Sequence(group), 14 = Status(status), 15 = Sync(sync), 16 = Unknown(raw),
    }
    Data<'static> { 0 = Text(text), 1 = Markup(text) }
    Format<'static> {
        0 = B64, 1 = Bin, 2 = Bool, 3 = Chr, 4 = Date, 5 = Float, 6 = Int, 7 = Node, 8 = Null,
        9 = Time, 10 = Xml, 11 = Other(text),
    }
}

impl Pack for OwnBytes<'static> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Pack::unpack(input).map(OwnBytes)
    }

    fn is_blank(&self) -> bool {
        self.0.is_none()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::default())
    }
}

/// Texts in a type of their own.
macro_rules! texts {
    ($($name:ty, $new:expr;)*) => {$(
        impl Pack for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                write_bytes(self.as_str().as_bytes(), out);
            }

            fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
                Cow::unpack(input).map($new)
            }
        }
    )*};
}

texts! {
    CmdId<'static>, CmdId::new;
    MsgId<'static>, MsgId::new;
    Raw<'static>, Raw;
}
