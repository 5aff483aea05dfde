//! What is small and unfolds, and what is kept for ever: cabinets, compressed bodies, the catalog.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use wsusss::cab::{self, CabError, Cabinet, Maker};
use wsusss::catalog::Catalog;
use wsusss::messages::{Base64, UpdateDocument};
use wsusss::metadata::{Select, Update};
use wsusss::xpress::{self, XpressError};
use wsusss::{ErrorKind, Limits, UpdateId, UpdateKey};

fn id(number: usize) -> UpdateId {
    UpdateId::from_u128(number as u128)
}

fn document(number: usize, properties: &str, rest: &str) -> String {
    format!(
        "<Update><UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"1\"/><Properties \
         UpdateType=\"Software\"{properties}</Properties>{rest}</Update>",
        id(number)
    )
}

#[test]
fn a_document_unfolds_up_to_the_limit() {
    let text = document(1, ">", &"<Padding/>".repeat(20_000));
    let cabinet = cab::make_document(&text);
    assert!(cabinet.len() < 3_000, "{}", cabinet.len());
    // As UTF-16 it has two bytes for each character.
    let size = 2 * text.len();
    let limits = |max: usize| Limits::default().with_document(max);
    assert_eq!(cab::document(&cabinet, &limits(size)).as_deref(), Ok(&*text));
    let error = cab::document(&cabinet, &limits(size - 1)).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Cab(CabError::Limit(size - 1)));
    // In a message, by the same limits.
    let update = UpdateDocument::compressed(
        UpdateKey::new(id(1), 1),
        Base64::encode(&cabinet).as_str().to_owned(),
    );
    assert!(update.blob().document(&limits(size)).is_ok());
    assert!(update.blob().document(&limits(size - 1)).is_err());
    // Skimmed, all of it counts as XML, and only what is kept as a document.
    let skim = |xml: usize, document: usize| {
        let limits = Limits::default();
        let limits = limits.with_xml(limits.xml.with_bytes(xml)).with_document(document);
        cab::read_update(&cabinet, Select::IDENTITY, &limits).map(|update| update.key.id)
    };
    assert_eq!(skim(size, 40_000), Ok(id(1)));
    assert_eq!(
        *skim(size - 1, 40_000).unwrap_err().kind(),
        ErrorKind::Cab(CabError::Limit(size - 1))
    );
    let what = "bytes of a document";
    assert_eq!(*skim(size, 100).unwrap_err().kind(), ErrorKind::Limit { what, max: 100 });
}

/// Bytes of a cabinet's directory, for [`changed`].
const FILES_AT: usize = 16;
const FOLDERS: usize = 26;
const FILES: usize = 28;
const DATA_AT: usize = 36;
const BLOCKS: usize = 40;
const SIZE: usize = 44;
const START: usize = 48;

fn changed(cabinet: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut cabinet = cabinet.to_vec();
    cabinet[at..at + bytes.len()].copy_from_slice(bytes);
    cabinet
}

#[test]
fn a_cabinet_that_announces_more_than_there_is_ends_early() {
    for maker in [Maker::default(), Maker::default().stored()] {
        let cabinet = maker.make("blob", &[7; 1_000]);
        let extract = |cabinet: &[u8]| {
            let whole = cab::extract(cabinet, usize::MAX).map(|file| file.len());
            // In blocks it is the same.
            let mut length = 0;
            let blocks = Cabinet::read(cabinet).and_then(|read| match read.files() {
                [file] => read.extract_in_blocks(file, usize::MAX, |block| {
                    length += block.len();
                    std::ops::ControlFlow::Continue(())
                }),
                _ => Err(CabError::Shape),
            });
            assert_eq!(blocks.map(|()| length), whole);
            whole
        };
        assert_eq!(extract(&cabinet), Ok(1_000));
        let most = u32::MAX.to_le_bytes();
        assert_eq!(extract(&changed(&cabinet, SIZE, &most)), Err(CabError::End));
        assert_eq!(extract(&changed(&cabinet, START, &most)), Err(CabError::End));
        let both = changed(&changed(&cabinet, SIZE, &most), START, &most);
        assert_eq!(extract(&both), Err(CabError::End));
        for at in [FILES_AT, DATA_AT] {
            assert_eq!(extract(&changed(&cabinet, at, &most)), Err(CabError::End));
        }
        for at in [FOLDERS, FILES] {
            let error = extract(&changed(&cabinet, at, &[0xff, 0xff])).unwrap_err();
            assert!(matches!(error, CabError::End | CabError::Shape), "{error:?}");
        }
        let error =
            extract(&changed(&changed(&cabinet, BLOCKS, &[0xff, 0xff]), SIZE, &most)).unwrap_err();
        assert!(matches!(error, CabError::End | CabError::Block(_)), "{error:?}");
        // Offsets that lead back into the directory.
        for at in [0u32, 4, 36, 44] {
            let _ = extract(&changed(&cabinet, FILES_AT, &at.to_le_bytes()));
            let _ = extract(&changed(&cabinet, DATA_AT, &at.to_le_bytes()));
        }
    }
    // No block at all, and a file of no bytes.
    let empty = Maker::default().stored().make("blob", b"");
    assert_eq!(cab::extract(&empty, 0).as_deref(), Ok(&b""[..]));
    // 65,535 blocks of no bytes end as well.
    let mut blocks = changed(&changed(&empty, BLOCKS, &[0xff, 0xff]), SIZE, &[1, 0, 0, 0]);
    blocks.resize(blocks.len() + 8 * 65_535, 0);
    assert_eq!(cab::extract(&blocks, 1), Err(CabError::End));
    // And 65,535 files are no more than came.
    let mut files = changed(&empty, FILES, &[0xff, 0xff]);
    files.truncate(SIZE);
    files.resize(files.len() + 17 * 65_535, 0);
    assert_eq!(Cabinet::read(&files).map(|read| read.files().len()), Ok(65_535));
    files.pop();
    assert_eq!(Cabinet::read(&files).map(|read| read.files().len()), Err(CabError::End));
}

#[test]
fn a_compressed_body_unfolds_up_to_the_limit() {
    let body = xpress::encode(&vec![b'x'; 1 << 20]);
    assert!(body.len() < 2_000, "{}", body.len());
    let decode = |max: usize| {
        let limits = Limits::default();
        xpress::decode(&body, &limits.with_xml(limits.xml.with_bytes(max))).map(|out| out.len())
    };
    assert_eq!(decode(1 << 20), Ok(1 << 20));
    assert_eq!(decode((1 << 20) - 1), Err(XpressError::Limit((1 << 20) - 1)));
    // A match of four gigabytes: as long as a length can be, and one more than a block has.
    for length in [u32::MAX, u32::MAX - 3, 1 << 31, 65_536 + 22, 22, 21, 0] {
        let mut block = vec![0xff, 0xff, 0xff, 0x7f, b'x', 7, 0, 15, 255, 0, 0];
        block.extend(length.to_le_bytes());
        let packed = u32::try_from(block.len()).unwrap();
        let body = [&65_535u32.to_le_bytes()[..], &packed.to_le_bytes(), &block].concat();
        assert_eq!(
            xpress::decode(&body, &Limits::default()),
            Err(XpressError::Block(0)),
            "{length}"
        );
    }
}

#[test]
fn the_texts_of_one_update_have_a_limit_in_the_catalog() {
    let text = |title: usize| {
        let titles = format!(
            "<LocalizedPropertiesCollection><LocalizedProperties><Language>en</Language><Title>{}\
             </Title><Description>{}</Description></LocalizedProperties></LocalizedPropertiesCollection>",
            "t".repeat(title),
            "d".repeat(100)
        );
        document(1, " EulaID=\"e\" MsrcSeverity=\"Low\"><KBArticleID>123</KBArticleID>", &titles)
    };
    // `en` twice, `Software`, `e`, `Low`, `123`.
    let others = 2 + 2 + 8 + 1 + 3 + 3;
    let insert = |catalog: &mut Catalog, title: usize| {
        catalog
            .insert_document(&text(title), &Limits::default())
            .map_err(|error| error.into_parts().0)
    };
    let mut catalog = Catalog::new(["en"]).with_max_text(1_000);
    assert!(insert(&mut catalog, 1_000 - others).is_ok());
    let before = catalog.clone();
    let what = "bytes of texts in one update";
    assert_eq!(insert(&mut catalog, 1_001 - others), Err(ErrorKind::Limit { what, max: 1_000 }));
    assert_eq!(catalog, before, "what was there is there");
    // Where descriptions are kept, they count.
    let mut catalog = Catalog::new(["en"]).with_max_text(1_000).with_descriptions();
    assert!(insert(&mut catalog, 900 - others).is_ok());
    assert_eq!(insert(&mut catalog, 901 - others), Err(ErrorKind::Limit { what, max: 1_000 }));
    // The limit is part of the state, and states of before have the default.
    let state = catalog.state();
    assert_eq!(Catalog::resume(state.clone()).unwrap(), catalog);
    let mut json = serde_json::to_value(&state).unwrap();
    json.as_object_mut().unwrap().remove("max_text");
    let state = serde_json::from_value(json).unwrap();
    assert!(insert(&mut Catalog::resume(state).unwrap(), 500_000).is_ok());
    // By default a megabyte.
    let mut catalog = Catalog::new(["en"]);
    assert!(insert(&mut catalog, (1 << 20) - others).is_ok());
    assert!(insert(&mut catalog, (1 << 20) - others + 1).is_err());
}

/// One document can name as many others as it likes: each question stays one walk over them.
#[test]
fn a_document_that_names_many_others_is_asked_about_in_one_pass() {
    const COUNT: usize = 20_000;
    let named: String = (0..COUNT)
        .map(|number| {
            format!("<UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"3\"/>", id(1_000 + number))
        })
        .collect();
    let clause = format!("<AtLeastOne IsCategory=\"true\">{named}</AtLeastOne>");
    let text = document(
        1,
        ">",
        &format!(
            "<Relationships><Prerequisites>{clause}</Prerequisites><BundledUpdates>{named}</BundledUpdates></Relationships>"
        ),
    );
    let limits = Limits::default().with_items(2 * COUNT + 1);
    let mut catalog = Catalog::new(["en"]);
    catalog.insert_document(&text, &limits).unwrap();
    assert_eq!(catalog.products(id(1)).len(), COUNT);
    assert_eq!(catalog.missing_members().count(), COUNT);
    assert!(catalog.missing_members().all(|(_, revision)| revision == Some(3)));
    assert_eq!(catalog.bundle_members(id(1)).len(), COUNT);
    // One more than the limit is refused before anything is kept.
    let limits = Limits::default().with_items(2 * COUNT);
    let what = "parts of an update";
    let error = Update::read(&text, Select::ALL, &limits).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Limit { what, max: 2 * COUNT });
    let mut catalog = Catalog::new(["en"]).with_max(COUNT + 1);
    let limits = Limits::default().with_items(2 * COUNT + 1);
    assert!(catalog.insert_document(&text, &limits).is_ok());
    let mut catalog = Catalog::new(["en"]).with_max(COUNT);
    let error = catalog.insert_document(&text, &limits).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Limit { what: "updates in the catalog", max: COUNT });
}

/// Of two parts that there should be once, everybody reads the first: whoever stops early, too.
#[test]
fn an_update_has_one_identity_for_every_reader() {
    let text = document(1, ">", "").replace(
        "</Update>",
        &format!("<UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"9\"/><Properties UpdateType=\"Driver\" EulaID=\"x\"/></Update>", id(2)),
    );
    for select in [Select::ALL, Select::IDENTITY, Select::RELATIONSHIPS, Select::CATALOG] {
        for select in [select, select.stop_early()] {
            let update = Update::read(&text, select, &Limits::default()).unwrap();
            assert_eq!(
                (update.key, update.update_type.as_str()),
                (UpdateKey::new(id(1), 1), "Software")
            );
            assert_eq!(update.eula_id(), None);
            let cabinet = cab::make_document(&text);
            assert_eq!(
                cab::read_update(&cabinet, select, &Limits::default()).unwrap().key,
                update.key
            );
        }
    }
}
