//! Word documents that are made here, part by part.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::html::tests::told;
use crate::{Format, Options, ReadError, Reading, read_bytes, text_of};

const STYLES: &str = r#"<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
<w:style w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="SourceCode"><w:name w:val="Source Code"/></w:style>
<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>"#;

const NUMBERING: &str = r#"<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>"#;

const RELATIONS: &str = r#"<Relationship Id="r1" Type="http://x/hyperlink" Target="https://acme.test/7" TargetMode="External"/>
<Relationship Id="r2" Type="http://x/hyperlink" Target="javascript:steal()" TargetMode="External"/>"#;

/// A zip of parts.
fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn wrapped(root: &str, inner: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><{root} xmlns:w="w" xmlns:w14="w14" xmlns:r="r">{inner}</{root}>"#
    )
}

/// A document with this body.
fn docx(body: &str) -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        (
            "word/document.xml",
            wrapped("w:document", &format!("<w:body>{body}<w:sectPr/></w:body>")).as_bytes(),
        ),
        ("word/styles.xml", wrapped("w:styles", STYLES).as_bytes()),
        ("word/numbering.xml", wrapped("w:numbering", NUMBERING).as_bytes()),
        ("word/_rels/document.xml.rels", wrapped("Relationships", RELATIONS).as_bytes()),
        ("word/header1.xml", b"<w:hdr><w:p><w:r><w:t>We will print this</w:t></w:r></w:p></w:hdr>"),
        ("word/comments.xml", b"not even XML <"),
    ])
}

/// A paragraph with properties and words.
fn p(properties: &str, words: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{}</w:p>", r("", words))
}

/// A run with properties and words.
fn r(properties: &str, words: &str) -> String {
    format!(r#"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>"#)
}

fn style(id: &str) -> String {
    format!(r#"<w:pStyle w:val="{id}"/>"#)
}

fn item(list: u8, level: u8, words: &str) -> String {
    p(&format!(r#"<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr>"#), words)
}

fn row(cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<w:tc>{cell}</w:tc>")).collect();
    format!("<w:tr>{cells}</w:tr>")
}

fn opened(bytes: &[u8]) -> Word {
    read(&mut Package::open(bytes).unwrap(), 1 << 20).unwrap()
}

fn blocks(body: &str) -> String {
    told(&opened(&docx(body)).document.blocks)
}

fn report(bytes: &[u8]) -> Reading {
    read_bytes(bytes, &Options { source: Some("report.docx".to_owned()), ..Options::default() }).unwrap()
}

#[test]
fn a_report_is_read_and_quoted_in_its_text() {
    let link = r#"<w:hyperlink r:id="r1"><w:r><w:t>ticket 7</w:t></w:r></w:hyperlink>"#;
    let body = [
        p(&style("Titel"), "Cold store outage"),
        p("", "On 5 May 2025 the cold store at the harbour was warm for three hours."),
        p(&style("berschrift1"), "Corrective actions"),
        item(2, 0, "Alert when a door stays open (owner: Ann, due: 2025-06-01)"),
        item(1, 1, "also at night"),
        format!(
            r#"<w:p><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>{}{link}</w:p>"#,
            r("", "Replace the compressor, see ")
        ),
        p(&style("berschrift1"), "Lessons"),
        p("", "Doors matter."),
    ]
    .concat();
    let bytes = docx(&body);
    let reading = report(&bytes);
    assert_eq!(reading.report.format, Format::Docx);
    assert_eq!(reading.report.title.as_deref(), Some("Cold store outage"));
    assert_eq!(reading.report.incident_date.map(|day| day.to_string()).as_deref(), Some("2025-05-05"));
    let [alert, replace] = &reading.actions[..] else { panic!("{:#?}", reading.actions) };
    assert_eq!(alert.owner_text.as_deref(), Some("Ann"));
    assert_eq!(alert.due_text.as_deref(), Some("2025-06-01"));
    assert_eq!(alert.description.as_deref(), Some("also at night"));
    assert_eq!(replace.links, ["https://acme.test/7"]);
    let text = text_of(&bytes, &Options::default()).unwrap();
    assert_eq!(
        text,
        "Cold store outage
On 5 May 2025 the cold store at the harbour was warm for three hours.

Corrective actions
- Alert when a door stays open (owner: Ann, due: 2025-06-01)
  - also at night
- Replace the compressor, see ticket 7

Lessons
Doors matter.
"
    );
    assert_eq!((alert.line, replace.line), (5, 7));
    assert_eq!(alert.quote, text.lines().skip(4).take(2).collect::<Vec<_>>().join("\n"));
}

#[test]
fn headings_by_style_level_and_bold_type() {
    let body = [
        p(&style("Heading3"), "By the id of a style that is not there"),
        p(r#"<w:outlineLvl w:val="1"/>"#, "By level"),
        format!("<w:p>{}</w:p>", r("<w:b/>", "Next steps")),
        format!(
            "<w:p>{}{}</w:p>",
            r(r#"<w:rStyle w:val="Fett"/>"#, "Owner:"),
            r(r#"<w:b w:val="0"/>"#, " Ann")
        ),
    ];
    assert_eq!(
        blocks(&body.concat()),
        "1 ### By the id of a style that is not there
3 ## By level
4 *Next steps*
5 *Owner:* Ann
"
    );
}

#[test]
fn tracked_changes_are_taken_as_accepted() {
    let body = format!(
        "<w:p>{}<w:del><w:r><w:delText>old </w:delText></w:r></w:del><w:ins>{}</w:ins><w:moveFrom>{}</w:moveFrom></w:p>
<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{}</w:p><w:p>{}</w:p>
<w:tbl>{}<w:tr><w:trPr><w:del/></w:trPr><w:tc>{}</w:tc></w:tr>{}</w:tbl>",
        r("", "Buy "),
        r("", "new sand"),
        r("", "gone"),
        r("", "One paragraph"),
        r("", "that was two"),
        row(&[p("", "Action"), p("", "Owner")]),
        p("", "deleted"),
        row(&[p("", "Dig"), p("", "Bo")]),
    );
    assert_eq!(
        blocks(&body),
        "1 Buy new sand\n2 One paragraph that was two\n3 | Action | Owner |\n4 | Dig | Bo |\n"
    );
}

#[test]
fn boxes_to_tick_of_every_kind() {
    let control = |checked: u8, sign: &str, words: &str| {
        format!(
            r#"<w:p><w:sdt><w:sdtPr><w:rPr><w:b/></w:rPr><w14:checkbox><w14:checked w14:val="{checked}"/></w14:checkbox></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>{}</w:p>"#,
            r("", sign),
            r("", words)
        )
    };
    let old = r#"<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>
<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>Label the fuses</w:t></w:r></w:p>"#;
    let body = [
        control(1, "☒", "Buy sand"),
        control(0, "☐", " Buy a bucket"),
        p("", "☐ Paint the wall"),
        old.to_owned(),
        format!(
            r#"<w:p><w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>{}</w:p>"#,
            r("", " Test the hose")
        ),
        item(1, 0, "☑ Fill the tank"),
    ];
    let told = blocks(&body.concat());
    assert_eq!(
        told,
        "1-1 - [x]\n  1 Buy sand\n2-2 - [ ]\n  2 Buy a bucket\n3-3 - [ ]\n  3 Paint the wall
4-4 - [x]\n  4 Label the fuses\n5-5 - [ ]\n  5 Test the hose\n6-6 - [x]\n  6 Fill the tank\n"
    );
    let text = opened(&docx(&body.concat())).text;
    assert_eq!(text.lines().next(), Some("- ☑ Buy sand"));
}

#[test]
fn tables_with_merged_cells_and_a_row_per_line() {
    let across = |columns: u8, words: &str| {
        format!(r#"<w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr>{}"#, p("", words))
    };
    let down = |value: &str, words: &str| format!("<w:tcPr><w:vMerge{value}/></w:tcPr>{}", p("", words));
    let bold = |words: &str| format!("<w:p>{}</w:p>", r("<w:b/>", words));
    let body = [
        "<w:tbl>".to_owned(),
        row(&[bold("Area"), bold("What"), bold("By whom")]),
        row(&[
            down(r#" w:val="restart""#, "Pumps"),
            format!("{}{}", item(1, 0, "clean"), item(1, 0, "test")),
            p("", "Ann"),
        ]),
        row(&[down("", ""), p("", "paint"), p("", "Bo")]),
        row(&[across(3, "Later")]),
        row(&[p("", "Boats"), across(2, "sell")]),
        "</w:tbl>".to_owned(),
    ];
    let body = body.concat();
    assert_eq!(
        blocks(&body),
        "1 | *Area* | *What* | *By whom* |
2 | Pumps | clean test | Ann |
3 | Pumps | paint | Bo |
5 ####### Later
6 | *Area* | *What* | *By whom* |
7 | Boats | sell |  |
"
    );
    assert_eq!(opened(&docx(&body)).text.lines().nth(1), Some("Pumps | clean test | Ann"));
}

#[test]
fn links_fields_boxes_of_text_and_what_is_left_out() {
    let field = |instruction: &str, shown: &str| {
        format!(
            r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>"#,
            r("", shown)
        )
    };
    let body = [
        p(&style("TOC1"), "Contents 1"),
        format!(
            "<w:p><w:pPr>{}</w:pPr>{}<w:r><w:br/></w:r>{}</w:p>",
            style("SourceCode"),
            r("", "We will();"),
            r("", "run();")
        ),
        format!("<w:p>{}</w:p>", field("TOC \\o", "Actions 2")),
        format!(
            "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val=\"Table of Contents\"/></w:docPartObj></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
            p("", "Actions 3")
        ),
        format!("<w:p>{}{}</w:p>", field(r#" HYPERLINK "https://acme.test/8" "#, "the rule"), r("", " more")),
        format!(r#"<w:p><w:hyperlink r:id="r2">{}</w:hyperlink></w:p>"#, r("", "click")),
        format!("<w:p>{}<w:r><w:br/></w:r>{}<w:r><w:footnoteReference w:id=\"1\"/></w:r></w:p>", r("", "First"), r("", "second &amp; &#x2014; third")),
        format!("<w:p>{}{}</w:p>", r("<w:vanish/>", "hidden"), r("<w:strike/>", "struck")),
        format!(
            "<w:p>{}<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>{}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict>{}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            r("", "around"),
            p("", "in the box"),
            p("", "in the box")
        ),
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Click here to enter text</w:t></w:r></w:p></w:sdtContent></w:sdt>".to_owned(),
    ];
    assert_eq!(
        blocks(&body.concat()),
        "1 code
3 the rule more <https://acme.test/8>
4 click
5 First
6 second & — third
7 ~struck~
8 in the box
9 around
"
    );
}

#[test]
fn the_title_comes_from_the_properties_where_the_text_has_none() {
    let core = r#"<cp:coreProperties><dc:title>Cold store outage</dc:title><dcterms:created>2019-01-01T00:00:00Z</dcterms:created></cp:coreProperties>"#;
    let body = "<w:document><w:body><w:p><w:r><w:t>It was warm.</w:t></w:r></w:p></w:body></w:document>";
    // The text may have another name.
    let bytes = zipped(&[
        ("_rels/.rels", br#"<Relationships><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>"#),
        ("word/document2.xml", body.as_bytes()),
        ("docProps/core.xml", core.as_bytes()),
    ]);
    let reading = report(&bytes);
    assert_eq!(reading.report.title.as_deref(), Some("Cold store outage"));
    assert_eq!(reading.report.incident_date, None);
    assert_eq!(text_of(&bytes, &Options::default()).unwrap(), "Cold store outage\nIt was warm.\n");
}

#[test]
fn a_word_document_is_one_under_any_name() {
    let options = Options { source: Some("report.md".to_owned()), ..Options::default() };
    let reading = read_bytes(&docx(&p(&style("Titel"), "Cold store outage")), &options).unwrap();
    assert_eq!(reading.report.format, Format::Docx);
    assert_eq!(reading.warnings[0].code, "wrong-extension");
}

#[test]
fn damaged_documents_name_the_part_and_the_place() {
    let refused = |bytes: &[u8]| read_bytes(bytes, &Options::default()).unwrap_err().to_string();
    let whole = docx(&p("", "Buy sand"));
    assert_eq!(
        refused(&whole[..whole.len() / 2]),
        "the Word document is damaged: the list of its parts: it is missing, as in a file that is cut off"
    );
    assert_eq!(
        refused(&zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/styles.xml", b"<s/>")])),
        "the Word document is damaged: word/document.xml: it is missing"
    );
    let with = |xml: &[u8]| zipped(&[("word/document.xml", xml)]);
    assert_eq!(
        refused(&with(b"<w:document><w:body><w:p>")),
        "the Word document is damaged: word/document.xml, byte 25: it ends in the middle"
    );
    let crossed = refused(&with(b"<w:document><w:p></w:r></w:document>"));
    assert!(crossed.starts_with("the Word document is damaged: word/document.xml, byte 17: "), "{crossed}");
    assert_eq!(
        refused(&with(b"<w:document>\xff</w:document>")),
        "the Word document is damaged: word/document.xml, byte 12: it is not UTF-8"
    );
    assert_eq!(read_bytes(&docx(""), &Options::default()), Err(ReadError::Empty));
    assert_eq!(refused(&zipped(&[("xl/workbook.xml", b"<w/>")])), "the document is a spreadsheet");
    assert_eq!(refused(&zipped(&[("notes.txt", b"hello")])), "the document is an archive of files");
    let open = [
        ("mimetype", &b"application/vnd.oasis.opendocument.text"[..]),
        ("content.xml", b"<c/>"),
        ("META-INF/manifest.xml", b"<m/>"),
    ];
    assert_eq!(refused(&zipped(&open)), "the document is an OpenDocument file (.odt)");
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let bomb = zipped(&[("word/document.xml", &vec![b' '; 3 << 20])]);
    assert!(bomb.len() < 100_000);
    let options = Options { max_bytes: 1 << 20, ..Options::default() };
    let refused = read_bytes(&bomb, &options).unwrap_err();
    assert_eq!(refused, ReadError::PartTooLarge { part: "word/document.xml".to_owned(), limit: 2 << 20 });
    // A zip that lies about the size is stopped where the limit is.
    let mut lying = bomb;
    let directory = lying.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    for at in [22, directory + 24] {
        lying[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
    }
    assert!(matches!(
        read_bytes(&lying, &options),
        Err(ReadError::PartTooLarge { .. } | ReadError::DamagedWord { .. })
    ));
    // Entities of a document type are not expanded.
    let laughs = r#"<!DOCTYPE d [<!ENTITY a "ha ha"><!ENTITY b "&a;&a;&a;">]><w:document><w:p><w:r><w:t>Buy &b;sand</w:t></w:r></w:p></w:document>"#;
    assert_eq!(opened(&zipped(&[("word/document.xml", laughs.as_bytes())])).text, "Buy sand\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_body_is_read_or_refused_and_quoted_where_it_stands(pieces in prop::collection::vec(piece(), 0..60)) {
        let open = p(&style("berschrift1"), "Action items");
        let bytes = docx(&format!("{open}{}", pieces.concat()));
        if let Ok(reading) = read_bytes(&bytes, &Options::default()) {
            let text = text_of(&bytes, &Options::default()).unwrap();
            for action in reading.actions {
                let standing = text.lines().nth(action.line - 1).unwrap_or_default().trim_end();
                prop_assert_eq!(action.quote.lines().next(), Some(standing));
            }
        }
    }

    #[test]
    fn any_bytes_in_a_zip_are_read_or_refused(
        name in prop::sample::select(vec!["word/document.xml", "word/styles.xml", "_rels/.rels", "docProps/core.xml"]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cut in 0_usize..400,
    ) {
        let mut parts: Vec<(&str, &[u8])> = vec![(name, &bytes)];
        if name != "word/document.xml" {
            parts.push(("word/document.xml", b"<w:p/>"));
        }
        let mut zip = zipped(&parts);
        drop(read_bytes(&zip, &Options::default()));
        zip.truncate(cut);
        drop(read_bytes(&zip, &Options::default()));
    }
}

/// Pieces of a body: whole ones, so that it is often well-formed, and elements that stand where they should not.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ a-zA-Z☐☑-]{0,12}".prop_map(|words| p("", &words)),
        (1_u8..3, 0_u8..9, "[a-z ]{0,9}").prop_map(|(list, level, words)| item(list, level, &words)),
        prop::collection::vec("[a-z]{0,5}".prop_map(|words| p("", &words)), 0..4)
            .prop_map(|cells| format!("<w:tbl>{}</w:tbl>", row(&cells))),
        prop::sample::select(vec![
            "<w:tbl>",
            "</w:tbl>",
            "<w:tr>",
            "</w:tr>",
            "<w:tc>",
            "</w:tc>",
            "<w:p>",
            "</w:p>",
            "<w:del/>",
            "<w:sdt/>",
            "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr></w:p>",
            "<w:tcPr><w:vMerge/></w:tcPr>",
            "<w:br/>",
            "<w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr><w:sdtContent/></w:sdt>",
            "<w:fldChar w:fldCharType='end'/>",
            "<w:p><w:r><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:r></w:p>",
            "words",
            "&x;",
            "<w:p><w:r><w:t>We will fix it.</w:t></w:r></w:p>",
            "<!--x-->",
            "<w:hyperlink r:id='r1'/>",
        ])
        .prop_map(str::to_owned),
    ]
}
