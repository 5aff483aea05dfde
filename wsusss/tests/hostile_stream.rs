//! Answers that are decoded while they arrive, from a server that means it no good.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice)]

mod streaming;

use streaming::{agree, read};
use wsusss::stream::Event;
use wsusss::{ErrorKind, Limits};

const KEY: &str = "<UpdateID>00000000-0000-0000-0000-000000000001</UpdateID>\
                   <RevisionNumber>1</RevisionNumber>";

fn envelope(attributes: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"{attributes}><s:Body>\
         {body}</s:Body></s:Envelope>"
    )
}

fn data(attributes: &str, result: &str) -> String {
    let body = format!(
        "<GetUpdateDataResponse><GetUpdateDataResult>{result}</GetUpdateDataResult>\
         </GetUpdateDataResponse>"
    );
    envelope(attributes, &body)
}

fn revisions(result: &str) -> String {
    let body = format!(
        "<GetRevisionIdListResponse><GetRevisionIdListResult>{result}</GetRevisionIdListResult>\
         </GetRevisionIdListResponse>"
    );
    envelope("", &body)
}

/// Whoever reads, whole or in chunks of any size, reads the same: the first of each.
#[test]
fn of_what_is_repeated_the_first_counts_for_every_reader() {
    let limits = Limits::default();
    let update = |digest: &str| {
        format!(
            "<ServerSyncUpdateData><Id>{KEY}</Id><XmlUpdateBlob>{digest}</XmlUpdateBlob></ServerSyncUpdateData>"
        )
    };
    let url = |digest: &str| {
        format!("<ServerSyncUrlData><FileDigest>{digest}</FileDigest></ServerSyncUrlData>")
    };
    let one =
        data("", &format!("<updates>{}</updates><fileUrls>{}</fileUrls>", update("a"), url("b")));
    let twice = data(
        "",
        &format!(
            "<updates>{}</updates><fileUrls>{}</fileUrls><updates>{}{}</updates><x:fileUrls \
             xmlns:x=\"urn:x\">{}</x:fileUrls><updates/>",
            update("a"),
            url("b"),
            update("c"),
            update("d"),
            url("e")
        ),
    );
    let empty_first = data(
        "",
        &format!(
            "<updates/><updates>{}</updates><fileUrls/><fileUrls>{}</fileUrls>",
            update("a"),
            url("b")
        ),
    );
    let two_results = one.replace(
        "</GetUpdateDataResponse>",
        &format!("<GetUpdateDataResult><updates>{}</updates></GetUpdateDataResult></GetUpdateDataResponse>", update("z")),
    );
    // In an item as well.
    let in_item = one.replace(
        "</XmlUpdateBlob>",
        "</XmlUpdateBlob><XmlUpdateBlob>z</XmlUpdateBlob>\
        <Id/><FileDigestList><base64Binary>z</base64Binary></FileDigestList><FileDigestList/>",
    );
    let anchors =
        revisions("<Anchor>first</Anchor><NewRevisions/><Anchor>second</Anchor><Anchor/>");
    let lists = revisions(&format!(
        "<NewRevisions><UpdateIdentity>{KEY}<RevisionNumber>2</RevisionNumber><UpdateID/></UpdateIdentity></NewRevisions>\
         <Anchor>first</Anchor><NewRevisions><UpdateIdentity>{KEY}</UpdateIdentity></NewRevisions>"
    ));
    let nil = revisions(
        "<Anchor i:nil=\"true\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"/><Anchor>second</Anchor>",
    );
    let mut counts = Vec::new();
    for text in [&one, &twice, &empty_first, &two_results, &in_item, &anchors, &lists, &nil] {
        agree("repeated", text.as_bytes(), &limits);
        let whole = read(text.as_bytes(), &limits, [text.len()]);
        assert_eq!(whole.1, None, "{text}");
        for size in [1, 7, 50] {
            assert_eq!(read(text.as_bytes(), &limits, [size]), whole, "{text}");
        }
        counts.push(whole.0.len());
    }
    assert_eq!(counts, [3, 3, 1, 3, 3, 2, 3, 1]);
    let Event::Revision(key) = &read(lists.as_bytes(), &limits, [9]).0[1] else { panic!() };
    assert_eq!(key.revision, 1);
    // What is passed over is checked all the same, and its place is the same.
    for broken in [
        "<updates><x></y></updates>",
        "<fileUrls>&bad;</fileUrls>",
        "<updates><x/><updates></x></updates></updates>",
    ] {
        let text = twice.replace("<updates/>", broken);
        agree("broken", text.as_bytes(), &limits);
        assert!(read(text.as_bytes(), &limits, [5]).1.is_some(), "{broken}");
    }
}

/// Long tags around many small elements: what is read is their product, so it has a limit.
#[test]
fn tags_around_items_are_not_read_again_without_bound() {
    let long = format!(" long=\"{}\"", "x".repeat(12_000));
    let small = "<x/>".repeat(90);
    let urls = "<ServerSyncUrlData/>".repeat(90);
    let key =
        format!("<!-- --><ServerSyncUpdateData><Id>{KEY}</Id></ServerSyncUpdateData>").repeat(90);
    for (name, result) in [
        ("unknown elements", format!("<updates>{small}</updates>")),
        ("unknown elements higher up", small.clone()),
        ("empty items", format!("<fileUrls>{urls}</fileUrls>")),
        ("updates behind comments", format!("<updates>{key}</updates>")),
    ] {
        let text = data(&long, &result);
        let kind = |around: usize, size: usize| {
            let limits = Limits::default().with_around(around);
            read(text.as_bytes(), &limits, [size]).1.map(|error| error.into_parts().0)
        };
        // The limit that is just enough; it does not depend on the chunks.
        let (mut least, mut most) = (0, 1 << 21);
        while least < most {
            let middle = (least + most) / 2;
            if kind(middle, text.len()).is_some() {
                least = middle + 1;
            } else {
                most = middle;
            }
        }
        assert!((50_000..1 << 21).contains(&least), "{name}: {least}");
        for size in [7, 1000] {
            assert_eq!(kind(least, size), None, "{name}: {size}");
            let what = "bytes of tags around items";
            assert_eq!(
                kind(least - 1, size),
                Some(ErrorKind::Limit { what, max: least - 1 }),
                "{name}: {size}"
            );
        }
    }
    // As servers write them, not even one byte is needed.
    let limits = Limits::default().with_around(0);
    let items = format!("<UpdateIdentity>{KEY}</UpdateIdentity>").repeat(1000);
    let text = revisions(&format!("<NewRevisions>{items}</NewRevisions>"));
    for size in [1, 1000, text.len()] {
        assert_eq!(read(text.as_bytes(), &limits, [size]).1, None);
    }
}
