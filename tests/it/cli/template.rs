//! Empty reports, from the first print to the imported actions.

use super::Shell;

/// The formats, as they are asked for, and what each is called as a file.
const FORMS: [(&str, &str); 9] = [
    ("", "report.md"),
    ("markdown", "report.md"),
    ("text", "report.txt"),
    ("html", "report.html"),
    ("rst", "report.rst"),
    ("asciidoc", "report.adoc"),
    ("mediawiki", "report.wiki"),
    ("yaml", "report.yaml"),
    ("json", "report.json"),
];

#[test]
fn a_template_needs_nothing_and_changes_nothing() {
    let mut shell = Shell::new();
    shell.write("followup.toml", "this is no configuration");
    shell.set("FOLLOWUP_CONFIG", "not-there.toml");
    shell.set("FOLLOWUP_DB", "not-there/followup.db");
    for (form, _) in FORMS {
        let ran = shell.runs(&format!("template {form}"));
        assert!(ran.out.ends_with('\n') && !ran.out.contains('\u{1b}'), "{form}");
        assert_eq!(ran.err, "", "{form}");
    }
    assert_eq!(shell.runs("template").out, shell.runs("template md").out);
    assert_eq!(std::fs::read_dir(shell.folder.path()).unwrap().count(), 1);
    let refused = shell.run("template docx").exits(2);
    assert!(refused.err.contains("docx") && refused.err.contains("markdown"), "{}", refused.err);
}

#[test]
fn an_empty_one_is_refused_and_changes_nothing() {
    for (form, file) in FORMS {
        let shell = Shell::with_github();
        shell.write(file, shell.runs(&format!("template {form}")).out);
        let read = shell.json(&format!("extract {file}"));
        assert_eq!(read["actions"], serde_json::json!([]), "{form}");
        let codes: Vec<&str> = read["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|warning| warning["code"].as_str())
            .collect();
        assert!(codes.contains(&"template-not-filled") && codes.contains(&"no-actions"), "{form}: {codes:?}");
        let ran = shell.run(&format!("import {file}")).exits(6);
        assert!(ran.err.contains(&format!("{file}: the template was not filled in")), "{form}: {}", ran.err);
        assert!(ran.err.contains("→ fill it in and import it again"), "{form}: {}", ran.err);
        assert!(!shell.path("followup.db").exists(), "{form}");
    }
}

#[test]
fn an_empty_one_beside_reports_in_a_folder_is_left_out() {
    let shell = Shell::with_github();
    let form = shell.runs("template markdown").out;
    shell.write("reports/template.md", &form);
    shell.write("reports/fire.md", "# Fire\n\n## Action items\n\n- Buy sand\n");
    // Named beside a report, it is refused with it.
    let ran = shell.run("import reports/fire.md reports/template.md").exits(6);
    assert!(ran.err.contains("reports/template.md: the template was not filled in"), "{}", ran.err);
    assert!(!shell.path("followup.db").exists());
    let ran = shell.runs("import reports");
    assert!(ran.err.contains("note: reports/template.md is left out"), "{}", ran.err);
    assert_eq!(shell.json("report list").as_array().unwrap().len(), 1);
    // A folder of nothing else holds no report.
    shell.write("drafts/one.md", &form);
    shell.write("drafts/two.md", &form);
    let ran = shell.run("import drafts").exits(6);
    assert!(ran.err.contains("2 of 2 sources cannot be read"), "{}", ran.err);
    assert_eq!(shell.json("report list").as_array().unwrap().len(), 1);
}

#[test]
fn a_filled_one_is_imported_whole() {
    let shell = Shell::with_github();
    let form = shell.runs("template markdown").out;
    let filled = form
        .replacen("[What happened, in a line]", "Crane 4 stopped", 1)
        .replacen("YYYY-MM-DD\n", "2024-05-02\n", 1)
        .replacen("sev1 | sev2 | sev3 | sev4", "sev2", 1)
        .replacen(
            "- [ ] [What will be done] (owner: [name], due: [day], priority: [priority])",
            "- [ ] Buy fuses (owner: Grace Apio, due: end of May, priority: high)",
            1,
        )
        .replacen(
            "- [ ] [What will be done] (owner: [name], due: [day], priority: [priority])",
            "- [x] Test the alarm",
            1,
        );
    shell.write("crane.md", filled);
    shell.runs("import crane.md");
    let actions = shell.json("list");
    let told = |at: usize, key: &str| actions[at][key].clone();
    assert_eq!(actions.as_array().unwrap().len(), 2);
    assert_eq!(told(0, "title"), "Buy fuses");
    assert_eq!(told(0, "owner"), "octo-lead");
    assert_eq!(told(0, "due_on"), "2024-05-31");
    assert_eq!(told(0, "priority"), "high");
    assert_eq!(told(0, "severity"), "sev2");
    assert_eq!(told(1, "title"), "Test the alarm");
}
