//! Encodings, and what is not read.

use super::*;
use crate::{read_bytes, text_of};

/// A text, with the code and the line of its warning.
type Decoded = Result<(String, Option<(String, Option<usize>)>), ReadError>;

fn named(name: &str) -> Options {
    Options { source: Some(name.to_owned()), max_bytes: 1_000, ..Options::default() }
}

fn text(bytes: &[u8]) -> Decoded {
    let (input, warnings) = open(bytes, &named("report"))?;
    let Input::Text(text) = input else { panic!("it is text") };
    let warning = warnings.into_iter().next().map(|warning| (warning.code.to_owned(), warning.line));
    Ok((text.into_owned(), warning))
}

fn plain(words: &str) -> Decoded {
    Ok((words.to_owned(), None))
}

fn guessed(words: &str, line: usize) -> Decoded {
    Ok((words.to_owned(), Some(("encoding".to_owned(), Some(line)))))
}

fn utf16(words: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    words.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn unicode_with_and_without_marks() {
    assert_eq!(text(b"fix it"), plain("fix it"));
    assert_eq!(text(b"\xef\xbb\xbffix it"), plain("fix it"));
    assert_eq!(text(b"\xff\xfef\0i\0x\0"), plain("fix"));
    assert_eq!(text(b"\xfe\xff\0f\0i\0x"), plain("fix"));
    assert_eq!(text(&utf16("Åtgärd: fixa larmet\n", u16::to_le_bytes)), plain("Åtgärd: fixa larmet\n"));
    assert_eq!(text(&utf16("改进 措施: a b\n", u16::to_be_bytes)), plain("改进 措施: a b\n"));
}

#[test]
fn older_encodings_are_read_as_declared_or_as_western_text() {
    assert_eq!(text(b"a\nb\ncaf\xe9 au lait"), guessed("a\nb\ncafé au lait", 3));
    // What is UTF-8 in it stays, as after a careless paste.
    assert_eq!(text("a\r\nwörter and \x01".as_bytes()), plain("a\r\nwörter and \x01"));
    assert_eq!(text(b"w\xc3\xb6rter, caf\xe9 \x96 done"), guessed("wörter, café – done", 1));
    assert_eq!(text(b"<meta charset=\"iso-8859-2\"><p>\xb1"), plain("<meta charset=\"iso-8859-2\"><p>ą"));
    assert_eq!(
        text(b"<meta http-equiv=Content-Type content=\"text/html; charset=windows-1252\"><p>\x80"),
        plain("<meta http-equiv=Content-Type content=\"text/html; charset=windows-1252\"><p>€")
    );
    assert_eq!(
        text(b"<?xml version='1.0' encoding='Shift_JIS'?><p>\x93\xfa"),
        plain("<?xml version='1.0' encoding='Shift_JIS'?><p>日")
    );
    // UTF-8 that says it is something else is UTF-8 all the same.
    let declared = "<meta charset=latin1><p>é";
    assert_eq!(text(declared.as_bytes()), plain(declared));
}

#[test]
fn every_refusal_names_its_case() {
    assert_eq!(text(b" \n\t"), Err(ReadError::Empty));
    assert_eq!(text(b""), Err(ReadError::Empty));
    assert_eq!(text(b"\x01\x02\x03\x04abc"), Err(ReadError::Binary));
    assert_eq!(text(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"), Err(ReadError::Binary));
    assert_eq!(text(b"\xff\xfea\0\x00\xd8"), Err(ReadError::NotUtf16 { offset: 4 }));
    assert_eq!(text(b"\xff\xfea\0b"), Err(ReadError::NotUtf16 { offset: 4 }));
    assert_eq!(text(b"\xcf\xd0\xc9\xd3 \xc1\xd7\xc1\xd2\xc9\xc9"), Err(ReadError::NotUtf8 { offset: 0 }));
    assert_eq!(text(&[b'a'; 1_001]), Err(ReadError::TooLarge { size: 1_001, limit: 1_000 }));
}

#[test]
fn what_is_not_read_is_recognised_and_has_a_next_step() {
    let compound = |stream: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0".to_vec();
        bytes.extend(utf16(stream, u16::to_le_bytes));
        bytes
    };
    let cases: [(Vec<u8>, ReadError); 14] = [
        (compound("EncryptedPackage"), ReadError::Encrypted),
        (compound("WordDocument"), ReadError::OldWord),
        (compound("Workbook"), ReadError::Spreadsheet),
        (compound("PowerPoint Document"), ReadError::Presentation),
        (compound("__properties_version1.0"), ReadError::Message),
        (compound("Other"), ReadError::Binary),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3".to_vec(), ReadError::Pdf),
        (b"{\\rtf1\\ansi".to_vec(), ReadError::Rtf),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), ReadError::Picture { name: "PNG" }),
        (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), ReadError::Picture { name: "JPEG" }),
        (b"GIF89a\x01\0".to_vec(), ReadError::Picture { name: "GIF" }),
        (b"\x1f\x8b\x08\0".to_vec(), ReadError::Archive),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(), ReadError::Archive),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n".to_vec(), ReadError::WebArchive),
    ];
    for (bytes, error) in cases {
        assert_eq!(read_bytes(&bytes, &named("report.docx")), Err(error.clone()), "{error}");
        assert!(!error.hint().is_empty() && !error.to_string().ends_with('.'), "{error}");
    }
    // Text about a format is text.
    assert!(read_bytes(b"# The %PDF- mark was missing\n", &named("report.md")).is_ok());
    assert!(read_bytes(b"BMW orders were lost\n", &named("report.txt")).is_ok());
}

#[test]
fn a_wrong_ending_is_told() {
    let told = |name: &str, bytes: &[u8]| {
        let reading = read_bytes(bytes, &named(name)).unwrap();
        let warned = reading.warnings.iter().any(|warning| warning.code == "wrong-extension");
        (reading.report.format, warned)
    };
    let page = b"<!doctype html><h1>Oven fire</h1><h2>Next steps</h2><ul><li>Buy sand</ul>";
    let markdown = b"# Oven fire\n\n## Next steps\n\n- Buy sand\n";
    assert_eq!(told("report.docx", page), (Format::Html, true));
    assert_eq!(told("report.md", page), (Format::Html, true));
    assert_eq!(told("report.html", page), (Format::Html, false));
    assert_eq!(told("report", page), (Format::Html, false));
    assert_eq!(told("report.txt", page), (Format::Html, false));
    assert_eq!(told("report.docx", markdown), (Format::Markdown, true));
    assert_eq!(told("report.html", markdown), (Format::Markdown, true));
    assert_eq!(told("report.html", b"The oven burnt.\n"), (Format::Plain, true));
    assert_eq!(told("report.txt", markdown), (Format::Markdown, false));
}

#[test]
fn the_text_of_other_encodings_is_the_text_that_lines_count_in() {
    let bytes = b"Caf\xe9 fire\n\nNext steps:\n- buy sand\n";
    let reading = read_bytes(bytes, &named("report.txt")).unwrap();
    let text = text_of(bytes, &named("report.txt")).unwrap();
    assert_eq!(text.lines().nth(reading.actions[0].line - 1), Some("- buy sand"));
    assert_eq!(reading.warnings[0].code, "encoding");
    assert_eq!(reading.warnings[0].line, Some(1));
}
