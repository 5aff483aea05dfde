//! What `mdm-inspect` shows of WSUS: messages with what is odd about them, faults to the end, and
//! update documents.

use mdm_examples::inspect::{View, inspect};

use super::shown::has;

const ID: &str = "5f3e4c1a-0c55-4a44-9f33-6a5f2f7a1b01";

fn soap(body: &str) -> View {
    let text = format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\n{body}\n\
         </s:Body></s:Envelope>"
    );
    inspect("message", text.as_bytes())
}

fn call(name: &str, inner: &str) -> View {
    soap(&format!("<{name} xmlns='http://www.microsoft.com/SoftwareDistribution'>{inner}</{name}>"))
}

fn codes(view: &View) -> Vec<&str> {
    view.diagnostics.iter().map(|odd| odd.code.as_str()).collect()
}

#[test]
fn what_is_odd_about_a_message_is_told_with_its_place() {
    let view = call(
        "GetUpdateData",
        "\n<updateIds/>\n<cookie><EncryptedData>c2VjcmV0</EncryptedData><New/></cookie>",
    );
    assert_eq!(view.error, None);
    assert!(codes(&view).contains(&"wsusss-out-of-order"));
    assert!(codes(&view).contains(&"wsusss-unknown-element"));
    assert!(view.diagnostics.iter().all(|odd| odd.line >= 2));
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
}

#[test]
fn faults_say_all_that_they_say() {
    let view = soap(
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>It did not work.</faultstring>\
         <faultactor>http://wsus.example/a.asmx</faultactor><detail>\
         <Exception Type='NotFound' Message='no such group'/></detail></s:Fault>",
    );
    has(
        &view,
        &[
            "Fault",
            "s:Server",
            "reason It did not work.",
            "actor http://wsus.example/a.asmx",
            "detail <Exception Type='NotFound' Message='no such group'/>",
        ],
    );
    let long = "x".repeat(5_000);
    let view = soap(&format!(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>f</faultstring><detail>\
         <ErrorCode>InternalServerError</ErrorCode><Message>Requested 2 returned 1. Missing Revisions: \
         {ID}.7</Message><ID>9</ID><Method>\"http://a/b\"</Method><More>{long}</More></detail></s:Fault>"
    ));
    has(
        &view,
        &[
            "s:Client InternalServerError",
            "method \"http://a/b\"",
            "id 9",
            &format!("the server does not have {ID} revision 7"),
        ],
    );
    assert!(view.lines.iter().all(|line| line.len() < 1_000));
}

#[test]
fn lists_name_what_is_in_them_and_no_keys() {
    let identity = format!("<UpdateID>{ID}</UpdateID><RevisionNumber>3</RevisionNumber>");
    let related = call(
        "GetRelatedRevisionsForUpdatesResponse",
        &format!(
            "<GetRelatedRevisionsForUpdatesResult><UpdateIdentity>{identity}</UpdateIdentity>\
             </GetRelatedRevisionsForUpdatesResult>"
        ),
    );
    has(&related, &["1 revisions", &format!("{ID} revision 3")]);
    let drivers = call(
        "GetDriverSetDataResponse",
        &format!(
            "<GetDriverSetDataResult><DriverSets><ServerSyncDriverSetData><DriverSetId>{ID}</DriverSetId>\
             <DriverSetXml>&lt;DriverSet/&gt;</DriverSetXml></ServerSyncDriverSetData></DriverSets>\
             </GetDriverSetDataResult>"
        ),
    );
    has(&drivers, &[&format!("driver set {ID}"), "<DriverSet/>"]);
    let keys = call(
        "GetUpdateDecryptionDataResponse",
        &format!(
            "<GetUpdateDecryptionDataResult><UpdateFileDecryptionData><ServerSyncUpdateFileDecryption>\
             <UpdateId>{identity}</UpdateId><FileDecryptionData><ServerSyncFileDecryption>\
             <FileDigest>AAEC</FileDigest><DecryptionKey>c2VjcmV0</DecryptionKey>\
             </ServerSyncFileDecryption></FileDecryptionData></ServerSyncUpdateFileDecryption>\
             </UpdateFileDecryptionData></GetUpdateDecryptionDataResult>"
        ),
    );
    has(&keys, &[&format!("{ID} revision 3"), "file AAEC: a key (not shown)"]);
    assert!(!format!("{keys:?}").contains("c2VjcmV0"));
    let request = call(
        "GetRevisionIdList",
        "<cookie><Expiration>2030-01-01T00:00:00Z</Expiration></cookie><filter><Anchor>7</Anchor>\
         <GetConfig>false</GetConfig><Get63LanguageOnly>false</Get63LanguageOnly><Classifications>\
         <IdAndDelta><Id>0fa1201d-4330-4fa8-8ae9-b877473b6441</Id><Delta>true</Delta></IdAndDelta>\
         </Classifications></filter>",
    );
    has(&request, &["updates, anchor 7", "classification Security Updates, only what is new"]);
    has(&call("GetCookieResponse", ""), &["GetCookieResponse"]);
    has(&call("GetConfigDataResponse", ""), &["there is no result"]);
}

#[test]
fn messages_of_another_protocol_show_names_and_no_cookies() {
    let view = soap(
        "<SyncUpdates xmlns='http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService'>\
         <cookie><EncryptedData>c2VjcmV0</EncryptedData></cookie></SyncUpdates>",
    );
    has(&view, &["SyncUpdates", "cookie", "EncryptedData"]);
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
}

fn document(properties: &str, rest: &str) -> String {
    format!(
        "<upd:Update xmlns:upd='http://schemas.microsoft.com/msus/2002/12/Update'>\n\
         <upd:UpdateIdentity UpdateID='{ID}' RevisionNumber='3'/>\n\
         <upd:Properties UpdateType='Driver' DefaultPropertiesLanguage='en'>{properties}</upd:Properties>\n\
         {rest}</upd:Update>"
    )
}

#[test]
fn documents_show_articles_sizes_and_what_is_odd() {
    let text = document(
        "<upd:KBArticleID>5000802</upd:KBArticleID><upd:KBArticleID>sp94728</upd:KBArticleID>",
        "<upd:Relationships><upd:Prerequisites><upd:AtLeastOne IsCategory='true'/></upd:Prerequisites>\
         </upd:Relationships>\n<upd:Files><upd:File FileName='a.exe' Digest='AAEC' DigestAlgorithm='SHA1'/>\
         <upd:File FileName='b.exe' Digest='AAED' DigestAlgorithm='SHA1' Size='nine'/>\
         <upd:File FileName='c.exe' Digest='AAEE' DigestAlgorithm='SHA1' Size='9'/></upd:Files>",
    );
    let view = inspect("a.xml", text.as_bytes());
    assert_eq!((view.kind.as_str(), &view.error), ("update metadata", &None));
    has(
        &view,
        &[
            "KB5000802",
            "sp94728",
            "category (no update: nothing fulfils it)",
            "file a.exe (size unknown)",
            "file b.exe (size unknown)",
            "file c.exe (9 bytes)",
        ],
    );
    assert!(
        codes(&view).contains(&"update-not-number")
            && codes(&view).contains(&"update-empty-clause")
    );
    assert!(view.diagnostics.iter().any(|odd| odd.code == "update-not-number" && odd.line == 5));
}

#[test]
fn documents_in_messages_are_held_to_the_same() {
    let text = document("", "").replace("RevisionNumber='3'", "");
    let escaped = mdm_xml::escape_text(&text).into_owned();
    let answer = |blob: &str| {
        call(
            "GetUpdateDataResponse",
            &format!(
                "<GetUpdateDataResult><updates><ServerSyncUpdateData><Id><UpdateID>{ID}</UpdateID>\
                 <RevisionNumber>3</RevisionNumber></Id><XmlUpdateBlob>{blob}</XmlUpdateBlob>\
                 </ServerSyncUpdateData></updates></GetUpdateDataResult>"
            ),
        )
    };
    let view = answer(&escaped);
    let odd = view.diagnostics.iter().find(|odd| odd.code == "update-no-revision").unwrap();
    assert!(odd.path.starts_with(&format!("(the document of {ID} revision 3)")) && odd.line == 2);
    let view = answer("&lt;Update>");
    assert!(codes(&view).contains(&"wsusss-document"), "{view:#?}");
    has(&view, &["0 file addresses"]);
}

#[test]
fn files_of_ddf_say_what_is_odd() {
    let text = "<MgmtTree><VerDTD>1.2</VerDTD>\n<Node><NodeName>A</NodeName><Path>./Vendor/X</Path>\
        <DFProperties><AccessType><Get/><Sing/></AccessType><DFFormat><int/></DFFormat></DFProperties>\
        </Node></MgmtTree>";
    let view = inspect("a.xml", text.as_bytes());
    assert_eq!(view.kind, "DDF");
    has(&view, &["./Vendor/X/A (int; Get)"]);
    assert!(view.diagnostics.iter().any(|odd| odd.code == "ddf-unknown-word" && odd.line == 2));
}
