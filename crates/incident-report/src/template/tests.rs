//! Templates as teams keep them, empty, half filled, and filled in.

use super::*;
use crate::{CandidateAction, Format, Options, Reading, read};

/// Templates with the line of their first blank, in the ways in which people write them.
const TEMPLATES: [(&str, usize); 6] = [
    // Brackets.
    (
        "# Incident: [short title]\n\n**Date:** [YYYY-MM-DD]\n**Severity:** [SEV-1/SEV-2/SEV-3]\n\n## Summary\n[What happened, in two sentences]\n\n\
         ## Action items\n- [ ] [What will be done] - [@owner] - [due date]\n- [ ] [What will be done] - [@owner] - [due date]\n",
        1,
    ),
    // Instructions.
    (
        "# Outage review template\n\nUse this template after every outage.\n\n## Summary\nBriefly describe what happened.\n\n## Impact\n\
         List the services and the number of customers.\n\n## Root cause\nWhat caused the outage?\n\n## Follow-up\n\
         - Follow-up tasks with owners\n- Add an alert for the symptom\n",
        6,
    ),
    // Nothing but headings and comments.
    (
        "# Incident report\n\n## Date\n<!-- when -->\n\n## Summary\n<!-- Two sentences. -->\n\n## Root cause\n\n## Action items\n- [ ]\n- [ ]\n",
        1,
    ),
    // An engine's placeholders and a table.
    (
        "---\ntitle: \"{{ title }}\"\n---\n\n# {{ title }}\n\n| Time | Event |\n|---|---|\n| HH:MM | Event description |\n\n\
         ## Action items\n\n| Action | Owner | Due | Status |\n|---|---|---|---|\n| | | | TODO |\n| Example: rotate the key | TBD | TBD | TODO |\n",
        2,
    ),
    // Plain text with fields.
    (
        "Incident report\n\nTitle:\nDate:\nSeverity: Low / Medium / High\n\nRoot cause:\nTBD\n\nCorrective actions:\n- Action 1\n- Action 2\n",
        1,
    ),
    // Another language.
    (
        "# Modelo de relatório\n\n## Resumo\n- **Data:** [DATA]\n- **Impacto:** [DESCRIÇÃO]\n\n## Causa raiz\nDescreva a causa.\n\n\
         ## Ações preventivas\n- [ ] Melhoria 1\n- [ ] Melhoria 2\n",
        4,
    ),
];

fn reading(text: &str) -> Reading {
    read(text, &Options::default())
}

/// The warning about a template: its message and its line.
fn told(reading: &Reading) -> Option<(&str, Option<usize>)> {
    let warning = reading.warnings.iter().find(|warning| warning.code.starts_with("template-not-"))?;
    Some((warning.message.as_str(), warning.line))
}

#[test]
fn a_template_gives_no_actions_and_says_why() {
    for (text, line) in TEMPLATES {
        let reading = reading(text);
        assert_eq!(reading.actions, [], "{text}");
        assert!(reading.warnings.iter().any(|warning| warning.code == "no-actions"), "{text}");
        let (message, at) = told(&reading).unwrap_or_else(|| panic!("{text}"));
        assert!(message.starts_with("the template was not filled in; the first "), "{message}");
        assert_eq!(at, Some(line), "{message}\n{text}");
    }
    let first = reading(TEMPLATES[0].0);
    assert_eq!(
        told(&first).unwrap().0,
        "the template was not filled in; the first placeholder is “Incident: [short title]”"
    );
    let fields =
        reading("# Crane 4 stopped\n\n## Summary\n\n## Impact\n\n## Root cause\n\n## Action items\n");
    assert_eq!(
        told(&fields).unwrap().0,
        "the template was not filled in; the first part without a word is “Summary”"
    );
}

#[test]
fn examples_of_a_template_are_near_misses() {
    let reading = reading(TEMPLATES[1].0);
    let examples: Vec<_> = reading
        .near_misses
        .iter()
        .filter(|miss| miss.rule == Miss::InTemplate)
        .map(|miss| &miss.text)
        .collect();
    assert_eq!(examples, ["Follow-up tasks with owners", "Add an alert for the symptom"]);
}

#[test]
fn a_filled_in_report_is_no_template() {
    for text in [
        "# Crane 4 stopped\n\n**Date:** 2026-03-03\n**Severity:** SEV-2\n\n## Summary\nCrane 4 stopped for an hour.\n\n\
         ## Action items\n- [ ] Describe the new alarm in the runbook - @ann - end of May\n- [ ] List the spare parts\n",
        "# Crane 4 stopped\n\n## Why?\n- Why did it stop?\n- The fuse was old.\n\n## Action items\n\n\
         | Action | Owner | Status |\n|---|---|---|\n| Buy fuses | Ann | TODO |\n| Test the alarm | | TBD |\n",
        "Crane 4 stopped\n\nIt stopped at 14:05 [UTC]. See [1] and <https://acme.test/1>.\nThese were the messages:\n\n    fuse\n\n\
         Next steps:\n- Buy fuses\n",
        // Two blanks are no template, also where all else is short.
        "# Crane 4 stopped\n\n## Impact\n\n## Summary\n\n## Action items\n- Buy fuses\n",
        "",
        "No template here.",
    ] {
        assert_eq!(told(&reading(text)), None, "{text}");
    }
}

#[test]
fn what_somebody_wrote_into_a_template_stays() {
    let text = "# [Title]\n\n**Date:** YYYY-MM-DD\n\n## Summary\n[Describe it]\n\n## Impact\n[Describe it]\n\n## Root cause\n[Describe it]\n\n\
                ## Action items\n- [ ] Buy fuses (owner: Ann, due: 2026-05-31)\n- [ ] Test the alarm\n";
    let reading = reading(text);
    assert_eq!(reading.actions.len(), 2);
    let (message, line) = told(&reading).unwrap();
    assert_eq!(message, "most of the template was not filled in; the first placeholder is “[Title]”");
    assert_eq!(line, Some(1));
}

#[test]
fn a_template_that_is_filled_in_but_for_its_actions_is_told() {
    let text = "# Crane 4 stopped\n\n**Date:** 2026-03-03\n\n## Summary\nCrane 4 stopped for an hour.\n\n## Root cause\nAn old fuse.\n\n\
                ## Action items\n- [ ] [What will be done]\n- [ ] [What will be done]\n";
    let reading = reading(text);
    assert_eq!(reading.actions, []);
    assert_eq!(
        told(&reading).unwrap(),
        (
            "the template was not filled in to its end; the first placeholder is “[What will be done]”",
            Some(12)
        )
    );
}

#[test]
fn our_own_format_is_told_as_well() {
    let empty = "followup: report\nversion: 1\ntitle:\nincident_date:\nroot_cause: \"\"\nservices: []\nactions:\n  - text:\n    owner:\n";
    let reading = read(empty, &Options::default());
    assert_eq!(reading.report.format, Format::Yaml);
    assert_eq!(
        told(&reading).unwrap(),
        ("the template was not filled in; the first part without a word is “title”", Some(3))
    );
    let partly =
        empty.replace("title:", "title: Crane 4 stopped").replace("root_cause: \"\"", "root_cause: A fuse");
    let reading = read(&partly.replace("incident_date:", "incident_date: 2026-03-03"), &Options::default());
    assert_eq!(
        told(&reading).unwrap(),
        ("the template was not filled in to its end; the first part without a word is “actions”", Some(8))
    );
    let filled = "followup: report\ntitle: x\nseverity:\nservices:\nactions:\n  - text: Buy fuses\n  - text: Test the alarm\n  - {}\n";
    assert_eq!(told(&read(filled, &Options::default())), None);
    let placeholder = "followup: report\ntitle: \"[Title]\"\nactions:\n  - text: TBD\n";
    let reading = read(placeholder, &Options::default());
    assert_eq!(told(&reading).unwrap().1, Some(4));
    // Where nothing was found, `extract` prints nothing; that is no template.
    let extracted =
        r#"{"report": {"title": null, "severity": null, "root_cause": null, "people": []}, "actions": []}"#;
    assert_eq!(told(&read(extracted, &Options::default())), None);
}

#[test]
fn places_to_fill_in_are_told_from_words() {
    for written in [
        "[Describe it]",
        "<owner>",
        "{{ x }}",
        "YYYY-MM-DD",
        "2026-03-03 at HH:MM",
        "dd/mm/yyyy",
        "TBD",
        "XXX",
        "XX minutes",
        "Low / Medium / High",
        "(SEV-1 | SEV-2)",
        "20xx-MM-DD HH:mm",
        "…",
        "_Short description_",
        "jj/mm/aaaa",
    ] {
        assert!(is_blank(written), "{written}");
    }
    for written in [
        "Buy fuses",
        "[#12]",
        "[23:46] Alice gets paged",
        "[jhford](https://acme.test)",
        "web / api",
        "none",
        "N/A",
        "3/4",
        "<https://acme.test>",
        "@ann",
        "mm",
        "[x]@acme.test",
        "2026-03-03",
        "High",
        "the dd command wrote zeros",
    ] {
        assert!(!is_blank(written), "{written}");
    }
}

#[test]
fn tasks_that_end_in_a_number_are_no_placeholders() {
    let text = "# Many certificates\n\n## Action items\n\n- Renew certificate number 1\n- Renew certificate number 2\n\
                - Rotate key 3\n- Rotate key 4\n";
    let reading = read(text, &Options::default());
    assert_eq!(reading.actions.len(), 4);
    assert_eq!(reading.warnings, []);
}

#[test]
fn actions_of_a_report_that_was_begun_are_no_examples() {
    let report = "# Oven fire on the night shift\n\nDate: 2026-11-02\n\n## Impact\n\n[Describe the impact]\n\n## Timeline\n\n\
                  - HH:MM [What happened]\n\n## Lessons\n\n[What went well]\n\n[What went badly]\n\n## Action items\n\n\
                  | Action | Owner | Due |\n|---|---|---|\n| Buy a second oven | [name] | YYYY-MM-DD |\n\
                  | [Action] | [Owner] | [Due] |\n\n- [ ] Test the alarm (owner: [name], due: [day])\n- [ ] [Action] (owner: [name])\n";
    let begun = reading(report);
    let told_of = |reading: &Reading| -> Vec<String> {
        let fields = |action: &CandidateAction| (action.owner_text.clone(), action.due_text.clone());
        reading.actions.iter().map(|action| format!("{} {:?}", action.text, fields(action))).collect()
    };
    assert_eq!(told_of(&begun), ["Buy a second oven (None, None)", "Test the alarm (None, None)"]);
    assert_eq!(begun.warnings.len(), 1, "{:?}", begun.warnings);
    assert!(told(&begun).unwrap().0.starts_with("most of the template was not filled in; "));
    // Without a day and a title of its own, they are what the template shows.
    let empty = report.replace("Oven fire on the night shift", "[Title]").replace("2026-11-02", "YYYY-MM-DD");
    assert_eq!(told_of(&reading(&empty)), Vec::<String>::new());
}
