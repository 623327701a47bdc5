//! Which lines become headings, and what their sections are about.

use super::*;
use crate::source::Source;
use crate::{markdown, plain};

/// One line per section: topic, name, number of blocks.
fn told(document: Document) -> Vec<String> {
    let document = promote(document);
    sections(&document)
        .iter()
        .filter(|section| section.heading.is_some() || !section.blocks.is_empty())
        .map(|section| {
            format!("{:?} {} {}", section.topic, section.name().unwrap_or_default(), section.blocks.len())
        })
        .collect()
}

fn told_plain(text: &str) -> Vec<String> {
    told(plain::parse(&Source::new(text)))
}

fn told_markdown(text: &str) -> Vec<String> {
    told(markdown::parse(&Source::new(text)))
}

#[test]
fn a_heading_glued_to_a_paragraph_comes_loose() {
    let text = "Bakery oven failure\nLessons Learned:\nOvens get hot. Thermostats fail. Recommendations:\nBuy a spare.\n";
    assert_eq!(
        told_plain(text),
        ["None Bakery oven failure 0", "Some(Lessons) Lessons Learned 1", "Some(Actions) Recommendations 1",]
    );
}

#[test]
fn labels_below_an_action_label_belong_to_it() {
    let text = "Title of it\n\nCorrective Measures:\n\nOvens:\n- buy one\n\nTasks:\n- sell one\n\nConclusion:\nDone.\n";
    assert_eq!(
        told_plain(text),
        [
            "None Title of it 0",
            "Some(Actions) Corrective Measures 0",
            "Some(Actions) Ovens 1",
            "Some(Actions) Tasks 1",
            "Some(Lessons) Conclusion 1",
        ]
    );
}

#[test]
fn list_items_can_be_sections() {
    let text = "# T\n\n- **Impact**: none\n- **Action items**:\n  - add a fuse\n  - test it\n";
    assert_eq!(told_markdown(text), ["None T 0", "Some(Impact) Impact 1", "Some(Actions) Action items 1",]);
}

#[test]
fn groups_inside_an_action_section_keep_its_topic() {
    let text = "# T\n## Action items\n### Detection\n- a\n### Timeline\n- b\n## Detection\n- c\n";
    assert_eq!(
        told_markdown(text),
        [
            "None T 0",
            "Some(Actions) Action items 0",
            "Some(Actions) Detection 1",
            "Some(Timeline) Timeline 1",
            "Some(Detection) Detection 1",
        ]
    );
}

#[test]
fn a_lead_in_is_no_heading() {
    let text = "# T\n## Next steps\nWe decided to:\n- a\n- b\n";
    assert_eq!(told_markdown(text), ["None T 0", "Some(Actions) Next steps 2"]);
}

#[test]
fn a_bold_line_alone_ends_the_section_before_it() {
    let text = "# T\n\n**Root cause**\n\nOvens get hot.\n\n**What we did not see**\n\n- smoke\n\n**What we agreed**\n\n- buy a fuse\n\n**Never again.**\n";
    assert_eq!(
        told_markdown(text),
        [
            "None T 0",
            "Some(RootCause) Root cause 1",
            "None What we did not see 1",
            "Some(Actions) What we agreed 2",
        ]
    );
}
