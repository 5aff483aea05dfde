//! Every limit of a message and a document accepts n and refuses n + 1.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use wsusss::messages::{self, Message, RevisionList, Soap};
use wsusss::metadata::{Select, Update};
use wsusss::{ErrorKind, Limits, UpdateId, UpdateKey};

#[test]
fn items_of_a_message() {
    let list = |n: u128| {
        let mut list = RevisionList::default();
        list.new_revisions = (0..n).map(|id| UpdateKey::new(UpdateId::from_u128(id), 1)).collect();
        let mut out = Vec::new();
        messages::encode(Soap::V11, &Message::GetRevisionIdListResponse(list.into()), &mut out)
            .unwrap();
        messages::decode(&out, &Limits::default().with_items(3)).map(|_| ())
    };
    assert_eq!(list(3), Ok(()));
    assert!(matches!(list(4).unwrap_err().kind(), ErrorKind::Limit { max: 3, .. }));
}

#[test]
fn parts_of_a_document() {
    let read = |n: usize| {
        let kb = "<KBArticleID>1</KBArticleID>".repeat(n);
        let text = format!(
            "<Update><UpdateIdentity UpdateID=\"6964aab4-c5b5-43bd-a17d-ffb4346a8e1d\" \
             RevisionNumber=\"1\"/><Properties>{kb}</Properties></Update>"
        );
        Update::read(&text, Select::ALL, &Limits::default().with_items(3)).map(|_| ())
    };
    assert_eq!(read(3), Ok(()));
    assert!(matches!(read(4).unwrap_err().kind(), ErrorKind::Limit { max: 3, .. }));
}
