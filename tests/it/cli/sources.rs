//! Where reports come from: what is read, what is refused, and that nothing is asked that must not be asked.

mod issues;
mod web;

use super::{REPORT, Shell, contract};

/// The failure of reading something, as programs read it; nothing has changed, and people read the same.
#[track_caller]
fn refused(team: &Shell, source: &str) -> String {
    let before = team.everything();
    let ran = team.run(&format!("extract {source} --format json")).exits(6);
    contract::is_a_failure(&ran);
    let people = team.run(&format!("import {source}")).exits(6);
    assert_eq!(people.out, "", "import {source}");
    assert_eq!(team.everything(), before, "import {source}");
    let failure = ran.failure();
    for part in failure.split_once(": ").unwrap().1.split("\n→ ") {
        assert!(people.err.contains(part), "{part} is not in {}", people.err);
    }
    failure
}

/// The titles of the reports in these sources.
#[track_caller]
fn titles(team: &Shell, sources: &str) -> Vec<String> {
    let read = team.json(&format!("extract {sources}"));
    let all = read.as_array().cloned().unwrap_or_else(|| vec![read]);
    all.iter().map(|one| one["report"]["title"].as_str().unwrap_or("none").to_owned()).collect()
}

fn report(title: &str) -> String {
    format!("# {title}\n\n## Action items\n\n- Rotate the signing key\n")
}

#[test]
fn a_pattern_in_quotes_is_what_the_shell_would_make_of_it() {
    let team = Shell::new();
    for (name, title) in [
        ("2026-01.md", "January"),
        ("2026-02.md", "February"),
        ("2025-12.md", "December"),
        ("reports/a/b/deep.md", "Deep"),
        ("reports/flat.md", "Flat"),
        ("reports/.hidden.md", "Hidden"),
    ] {
        team.write(name, report(title));
    }
    assert_eq!(titles(&team, "\"2026-*.md\""), ["January", "February"]);
    assert_eq!(titles(&team, "\"reports/**/*.md\""), ["Deep", "Flat"]);
    assert_eq!(
        titles(&team, "\"20{25,26}-*.md\" reports"),
        ["December", "January", "February", "Deep", "Flat"]
    );
    // What is in two of them is one report.
    assert_eq!(titles(&team, "\"*/flat.md\" reports"), ["Flat", "Deep"]);
    insta::assert_snapshot!(refused(&team, "\"2027-*.md\""), @"
    bad_input: no report fits the pattern 2027-*.md
    → this folder was searched, without hidden files and links; reports end in .md, .txt, .html, .docx, .rst, .adoc and the like; a file that is named is read whatever its ending
    ");
    insta::assert_snapshot!(refused(&team, "\"2026-[.md\""), @"
    bad_input: there is no file 2026-[.md, and it is no pattern either: unclosed character class; missing ']'
    → check the name; * ? [ ] { } make a pattern of it
    ");
}

#[test]
fn all_that_cannot_be_read_is_told_at_once() {
    let team = Shell::with_accepted_actions();
    team.write("reports/good.md", report("Good"));
    team.write("reports/empty.md", "");
    team.write("reports/deep/binary.md", [0x89, b'P', b'N', b'G', 0, 0, 0, 13, 1, 2, 3]);
    let before = team.everything();
    let ran = team.run("import reports nowhere.md checkout.txt").exits(6);
    assert_eq!(ran.out, "");
    assert_eq!(team.everything(), before);
    insta::assert_snapshot!(ran.err, @"
    error: reports/deep/binary.md: the document is not text but binary data
      → export the report as DOCX, HTML, Markdown, or plain text
    error: reports/empty.md: the document is empty
      → write the report first, or name another file
    error: there is no file nowhere.md
      → check the name; a path is taken from the folder you are in
    error: 3 of 5 sources cannot be read
      → nothing was done; correct them or leave them out, and run the command again
    ");
    let ran = team.run("extract reports nowhere.md --format json").exits(6);
    let parts: Vec<_> =
        ran.json()["error"]["parts"].as_array().unwrap().iter().map(|part| part["code"].clone()).collect();
    assert_eq!(parts, ["bad_input", "bad_input", "bad_input"]);
    // One alone is told as it is.
    insta::assert_snapshot!(refused(&team, "reports/good.md nowhere.md"), @"
    bad_input: there is no file nowhere.md
    → check the name; a path is taken from the folder you are in
    ");
}

#[test]
fn documents_that_are_not_read_are_not_passed_over_in_silence() {
    let team = Shell::new();
    team.write("reports/good.md", report("Good"));
    team.write("reports/old.pdf", "%PDF-1.4");
    team.write("reports/older.rtf", r"{\rtf1}");
    team.write("reports/picture.png", "PNG");
    insta::assert_snapshot!(team.runs("extract reports").err, @"note: reports/old.pdf and 1 more left out: documents of this kind are not read; export them as HTML, DOCX or text");
    assert_eq!(team.runs("extract reports/good.md").err, "");
}

#[test]
fn a_format_that_is_said_wins_over_what_it_looks_like() {
    let team = Shell::new();
    team.write("report.txt", "# Not a title\n\nAction items\n\n- Rotate the signing key\n");
    assert_eq!(team.json("extract report.txt --as markdown")["report"]["format"], "markdown");
    assert_eq!(team.json("extract report.txt --as text")["report"]["format"], "plain");
    let ran = team.run_with_input("extract - --as md --format json", report("Piped"));
    assert_eq!(
        (ran.json()["report"]["format"].clone(), ran.json()["report"]["source"].clone()),
        ("markdown".into(), "-".into())
    );
    let ran = team.run("extract report.txt --as pdf").exits(2);
    assert!(ran.err.contains("`pdf` is not a format; expected one of markdown, "), "{}", ran.err);
}

#[test]
fn a_name_that_was_meant_otherwise() {
    let team = Shell::new();
    let told: Vec<String> =
        ["acme/platform#12", "github:acme/platform", "ftp://acme.test/report.md", "https://"]
            .iter()
            .map(|source| refused(&team, source))
            .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    bad_input: there is no file acme/platform#12
    → for an issue, write github:acme/platform#12; a path is taken from the folder you are in
    bad_input: `github:acme/platform` is not an issue; expected `github:OWNER/NAME#NUMBER`
    → write it as github:acme/platform#12
    bad_input: ftp://acme.test/report.md: reports are fetched by https, not by ftp
    → save the page as a file, and name the file
    bad_input: https:// is not an address: empty host
    → write it as https://HOST/PATH, or name a file
    ");
}

#[test]
fn data_in_a_folder_is_a_report_only_when_it_says_so() {
    let team = Shell::new();
    team.write("reports/good.md", report("Good"));
    team.write(
        "reports/ours.yaml",
        "followup: report\nversion: 1\ntitle: Ours\nactions:\n- text: Rotate the key\n",
    );
    team.write("reports/deploy.yaml", "apiVersion: v1\nkind: Service\n");
    team.write("reports/chart.yml", "name: {{ .Values.name }}\n\t- x\n");
    team.write("reports/package-lock.json", "{\"name\": \"acme\"}");
    team.write("reports/tsconfig.json", "{ // ours\n  \"strict\": true }");
    team.write("reports/empty.json", "");
    team.write("data/package.json", "{\"name\": \"acme\"}");
    assert_eq!(titles(&team, "reports"), ["Good", "Ours"]);
    assert_eq!(team.runs("extract reports").err, "");
    insta::assert_snapshot!(refused(&team, "data"), @"
    bad_input: there is no report in the folder data
    → reports end in .md, .txt, .html, .docx, .rst, .adoc and the like; a file that is named is read whatever its ending
    ");
    insta::assert_snapshot!(refused(&team, "\"**/*.json\""), @"
    bad_input: no report fits the pattern **/*.json
    → this folder was searched, without hidden files and links; reports end in .md, .txt, .html, .docx, .rst, .adoc and the like; a file that is named is read whatever its ending
    ");
    // What is named has to be one.
    insta::assert_snapshot!(refused(&team, "reports/deploy.yaml"), @"
    bad_input: reports/deploy.yaml: this YAML file begins with `apiVersion`, and is no incident report; one begins with `followup: report` and `version: 1`
    → name the report itself, or put these first lines into it
    ");
    // What says that it is one has to be right.
    team.write("reports/broken.yaml", "followup: report\nversion: 1\ntitel: Ours\n");
    insta::assert_snapshot!(refused(&team, "reports"), @"
    bad_input: reports/broken.yaml: line 3, column 1: `titel` is no key of a report
    → did you mean `title`? A key of your own begins with `x-`
    ");
}

#[test]
fn a_template_in_a_folder_is_told_and_gives_no_action() {
    let team = Shell::new();
    team.write("reports/good.md", report("Good"));
    team.write(
        "reports/template.md",
        "# [Title of the incident]\n\n## Summary\n\n[Describe what happened]\n\n## Impact\n\n[Who was affected]\n\n\
         ## Root cause\n\n[Why it happened]\n\n## Action items\n\n- [ ] [Action] (owner: [name], due: [date])\n",
    );
    let read = team.json("extract reports");
    assert_eq!(read[0]["actions"].as_array().unwrap().len(), 1);
    assert_eq!(read[1]["actions"], serde_json::json!([]));
    let codes: Vec<_> =
        read[1]["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
    assert!(codes.contains(&&serde_json::json!("template-not-filled")), "{codes:?}");
}
