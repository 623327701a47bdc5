//! Which actions small invented reports hold.

use crate::{CandidateAction, Options, read};

fn actions(report: &str) -> Vec<CandidateAction> {
    read(report, &Options::default()).actions
}

/// The actions as lines: rule, state, text, owner, due date.
fn told(report: &str) -> String {
    let line = |action: CandidateAction| {
        let mut line = format!("{}:{} ", action.line, action.rule.as_str());
        match action.done {
            Some(true) => line += "[x] ",
            Some(false) => line += "[ ] ",
            None => {}
        }
        line += &action.text;
        for (name, value) in
            [("owner", action.owner_text), ("due", action.due_text), ("kind", action.kind_text)]
        {
            if let Some(value) = value {
                line += &format!(" | {name}={value}");
            }
        }
        line
    };
    actions(report).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn lists_of_every_kind() {
    let report = "# Lift stuck\n\n## Lessons learned\n- lifts get stuck\n\n## Action items\n\n- [x] Replace the cable\n- [ ] Train the porters (owner: Ann)\n- **Emergency phone**: put one into every lift\n  - it must work without power\n1. @bob to test the alarm by 2026-05-03\n\n## Timeline\n- 10:00 stuck\n";
    insta::assert_snapshot!(told(report), @"
    8:checkbox [x] Replace the cable
    9:checkbox [ ] Train the porters | owner=Ann
    10:list-item Emergency phone: put one into every lift
    12:list-item @bob to test the alarm by 2026-05-03 | owner=@bob | due=2026-05-03
    ");
    let phone = &actions(report)[2];
    assert_eq!(phone.title, "Emergency phone");
    assert_eq!(phone.description.as_deref(), Some("put one into every lift\nit must work without power"));
    assert_eq!(phone.quote, "- **Emergency phone**: put one into every lift\n  - it must work without power");
}

#[test]
fn tables_whatever_the_columns_are_called() {
    let report = "# Lift stuck\n\n## Follow-ups\n\n| # | Task | DRI | ETA | State | Type | Jira |\n|---|---|---|---|---|---|---|\n| 1 | Replace the cable | Ann | 3 May 2026 | Done | repair | [L-1](https://acme.test/L-1) |\n| 2 | Train the porters | | TBD | in progress | | |\n| 3 | TBD | | | | | |\n";
    insta::assert_snapshot!(told(report), @"
    7:table-row [x] Replace the cable | owner=Ann | due=3 May 2026 | kind=repair
    8:table-row [ ] Train the porters
    ");
    assert_eq!(actions(report)[0].links, ["https://acme.test/L-1"]);
    assert_eq!(
        actions(report)[0].due.as_ref().map(|due| due.date.to_string()).as_deref(),
        Some("2026-05-03")
    );
}

#[test]
fn a_timeline_table_is_none() {
    let report = "# Lift stuck\n\n## What we saw\n\n| Time | Action | Owner |\n|---|---|---|\n| 10:00 | Lift stuck | Ann |\n";
    assert_eq!(told(report), "");
}

#[test]
fn headings_with_explanations_are_actions() {
    let report = "# Lift stuck\n\n# Resulting action\n\n### 1) Cable replaced `@ann` [repair]\n\nReplaced the cable with a new one.\n\n### 2) TODO Alarm test\n\nSomebody has to press the button.\n";
    insta::assert_snapshot!(told(report), @"
    5:heading-item [x] Cable replaced | owner=@ann | kind=repair
    9:heading-item [ ] Alarm test
    ");
    assert_eq!(actions(report)[1].description.as_deref(), Some("Somebody has to press the button."));
}

#[test]
fn groups_give_their_items_a_state_and_a_date() {
    let report = "# Lift stuck\n\n## Corrective actions\n\n### Completed\n- Replace the cable\n\n### Long term (Q4 2026)\n- Monitoring:\n  - watch the load\n  - watch the speed\n";
    insta::assert_snapshot!(told(report), @"
    6:list-item [x] Replace the cable
    10:list-item watch the load | due=Q4 2026
    11:list-item watch the speed | due=Q4 2026
    ");
    assert_eq!(actions(report)[1].section.as_deref(), Some("Monitoring"));
}

#[test]
fn plain_lines_and_prose() {
    let report = "Lift stuck on floor three\n\nCorrective and preventive measures:\nThe following measures were agreed.\nReplace the cable before the summer.\nTest the alarm every month.\n\nConclusion:\nLifts are dangerous. We will take the stairs.\n";
    insta::assert_snapshot!(told(report), @"
    5:line Replace the cable before the summer.
    6:line Test the alarm every month.
    ");
    let prose = "# Lift stuck\n\n## Prevention\n\nThe cable was old. We will replace it every year, and\nthe alarm should be tested. Nobody was hurt.\n";
    insta::assert_snapshot!(told(prose), @"5:sentence We will replace it every year, and the alarm should be tested.");
    assert_eq!(
        actions(prose)[0].quote,
        "The cable was old. We will replace it every year, and\nthe alarm should be tested. Nobody was hurt."
    );
}

#[test]
fn a_report_without_an_action_section_may_still_promise() {
    let report = "# Lift stuck\n\n## What happened\n\nIt was stuck. We'll replace the cable next week. It runs well.\n\n## Timeline\n\nWe will look at the lift.\n";
    insta::assert_snapshot!(told(report), @"5:sentence We'll replace the cable next week. | due=next week");
}

#[test]
fn templates_give_nothing() {
    let report = "# {{ title }}\n\n## Action items\n\n- [ ] TBD\n- <action item>\n- {{ action }}\n- Action item 1\n- ...\n\n| Action | Owner |\n|---|---|\n| | |\n| N/A | |\n";
    let reading = read(report, &Options::default());
    assert_eq!(reading.actions, []);
    assert_eq!(reading.warnings[0].code, "no-actions");
}

#[test]
fn fields_below_an_item_are_fields() {
    let report = "# Lift stuck\n\n## Next steps\n\n- Replace the cable\n  - Owner: Ann\n  - Due: within 30 days\n  - The old one is rusty\n";
    insta::assert_snapshot!(told(report), @"5:list-item Replace the cable | owner=Ann | due=within 30 days");
    assert_eq!(actions(report)[0].description.as_deref(), Some("The old one is rusty"));
}

#[test]
fn due_dates_are_resolved_against_the_report() {
    let report = "# Lift stuck\n\n- Report date: 2026-05-15\n\n## Next steps\n\n- Replace the cable (due: within 30 days)\n- Test the alarm (due: when possible)\n";
    let reading = read(report, &Options::default());
    let due: Vec<Option<String>> =
        reading.actions.iter().map(|action| action.due.as_ref().map(|due| due.date.to_string())).collect();
    assert_eq!(due, [Some("2026-06-14".to_owned()), None]);
    assert_eq!(reading.warnings[0].message, "the due date \"when possible\" is unclear");
    assert_eq!(reading.warnings[0].line, Some(8));
}

#[test]
fn a_list_beside_a_table_of_actions_explains_it() {
    let report = "# Lift stuck\n\n## Action items\n\n- Prevent: so that it never happens\n- Detect: so that we see it\n\n| Action | Priority |\n|---|---|\n| Replace the cable | high |\n";
    insta::assert_snapshot!(told(report), @"10:table-row Replace the cable");
}

#[test]
fn actions_taken_inside_a_timeline_are_no_actions() {
    let report = "# Lift stuck\n\n**Timeline:**\n\n- **Found:** by the porter\n- **Actions taken:**\n  - called the engineer\n\n**Next steps:**\n\n- replace the cable\n";
    insta::assert_snapshot!(told(report), @"11:list-item replace the cable");
}

#[test]
fn a_template_filled_in_with_its_braces_is_read() {
    let report = "# Lift stuck\n\n## Action items\n\n1. {{ Replace the cable every year }} [link]\n2. {{ summary }}\n\n- [ ] Sections above are filled out\n";
    insta::assert_snapshot!(told(report), @"5:list-item Replace the cable every year");
}

#[test]
fn an_action_point_stands_anywhere() {
    let report = "# Lift stuck\n\n## What happened\n\nThe lift stood still.\n\nAction point: replace the cable before summer.\n\nIt was hot.\n";
    insta::assert_snapshot!(told(report), @"7:sentence replace the cable before summer.");
}

#[test]
fn a_field_ends_at_its_line() {
    let report = "# Lift stuck\n\n## Next steps\n\n- Add a check\n  Owner: Sara\n  Due: 2026-11-30\n- Replace the cable\n  Due: 2026-12-01. Owner: Omar.\n1. **Write a test** (Owner: Omar)\n   The test covers the job.\n2. Call the\n   porter (owner: Ann,\n   due: 2026-12-02)\n";
    insta::assert_snapshot!(told(report), @"
    5:list-item Add a check | owner=Sara | due=2026-11-30
    8:list-item Replace the cable | owner=Omar | due=2026-12-01
    10:list-item Write a test The test covers the job. | owner=Omar
    12:list-item Call the porter | owner=Ann | due=2026-12-02
    ");
    assert_eq!(actions(report)[2].title, "Write a test");
}

#[test]
fn what_was_dropped_is_no_action() {
    let report = "# Lift stuck\n\n## Next steps\n\n- [-] Sell the lift\n- [~] Replace the cable\n- [/] Paint the door\n- [>] Call the porter\n- [x] ~~Oil the hinges~~\n- ~~Drop it~~\n- ~~Walk~~ (too far)\n- ~~Buy~~ Rent a ladder\n- Fly (won't do)\n- Add a bell - DONE 2026-11-05\n\n## Corrective actions\n\n| Action | Status |\n|---|---|\n| Build a bridge | cancelled |\n| Build a dam | Rejected (too dear) |\n";
    insta::assert_snapshot!(told(report), @"
    6:checkbox [ ] Replace the cable
    7:checkbox [ ] Paint the door
    8:checkbox [ ] Call the porter
    9:checkbox [x] Oil the hinges
    12:list-item Buy Rent a ladder
    14:list-item [x] Add a bell
    ");
    let plain = "Lift stuck\n\nAction items:\n[-] Sell the lift\n[~] Replace the cable\n[✓] Paint the door\n";
    insta::assert_snapshot!(told(plain), @"
    5:checkbox [ ] Replace the cable
    6:checkbox [x] Paint the door
    ");
}

#[test]
fn nothing_to_do_is_no_action() {
    for nothing in ["Nothing to do", "No action needed.", "None", "No further action required."] {
        for lead in ["", "- ", "1. "] {
            let report = format!("# Lift stuck\n\n## Next steps\n\n{lead}{nothing}\n");
            assert_eq!(told(&report), "", "{lead}{nothing}");
        }
    }
}

#[test]
fn agreed_work_is_announced_in_many_ways() {
    for name in ["What we agreed", "Commitments", "Follow-through", "What we will do"] {
        let report = format!(
            "# Lift stuck\n\n**Root cause**\n\nThe cable was rusty.\n\n**{name}**\n\n- oil the cable\n"
        );
        assert_eq!(told(&report), "9:list-item oil the cable", "{name}");
        assert_eq!(
            read(&report, &Options::default()).report.root_cause.as_deref(),
            Some("The cable was rusty.")
        );
    }
    let report = "# Lift stuck\n\n## After the talk\n\n| What we will do | By whom | By when |\n|---|---|---|\n| Oil the cable | Ann | 2026-05-03 |\n";
    assert_eq!(told(report), "7:table-row Oil the cable | owner=Ann | due=2026-05-03");
}

#[test]
fn marked_lines_and_assigned_boxes_stand_anywhere() {
    let report = "# Lift stuck\n\n## What happened\n\nIt stood still.\nTODO: paint the\ndoor.\n\n- ACTION: oil the hinges (owner: Ann)\n- AI: call the porter\n- [ ] Write the letter @bob\n- [ ] Just a box\n- Action: somebody pushed\n\n## Next steps\n\n- ACTION: Replace the cable\n- AI-2: Test the alarm\n- TODO: Train the porters\n";
    insta::assert_snapshot!(told(report), @"
    6:line [ ] paint the door.
    9:list-item oil the hinges | owner=Ann
    10:list-item call the porter
    11:checkbox [ ] Write the letter | owner=@bob
    17:list-item Replace the cable
    18:list-item Test the alarm
    19:list-item [ ] Train the porters
    ");
    assert_eq!(actions(report)[4].title, "Replace the cable");
}

#[test]
fn a_name_before_the_colon_is_the_owner() {
    let report = "# Lift stuck\n\n- Author: Ada Okot\n\nThe chain broke.\n\n## Next steps\n\n- Chidi: write a test\n- **Sara**: add a check\n- Ada Okot: The cable has to go\n- Chain: replace it\n- Sara and Chidi: add a lock. Owner: unassigned\n- Monitoring: add a probe\n- Nice to have: add a mirror\n- Nice to have a second lift\n- Owner: TBD\n- Add a bell. Owner: TBD\n";
    insta::assert_snapshot!(told(report), @"
    9:list-item write a test | owner=Chidi
    10:list-item add a check | owner=Sara
    11:list-item The cable has to go | owner=Ada Okot
    12:list-item Chain: replace it
    13:list-item add a lock. | owner=Sara and Chidi
    14:list-item Monitoring: add a probe
    15:list-item add a mirror
    16:list-item Nice to have a second lift
    18:list-item Add a bell.
    ");
}

#[test]
fn every_decision_names_its_rule_and_its_line() {
    let text = "# Crane stuck\n\n## Timeline\n- 10:02 We will add a sensor\n\n## Lessons\n- Test the brake weekly\n\n\
        ## Action items\nThe following was agreed:\n- [ ] Replace the brake\n- ~~Sell the crane~~\n- Replace the brake\n- TBD\n- Alarms:\n  - [ ] Add a siren\n";
    let reading = read(text, &Options::default());
    let found: Vec<_> = reading
        .actions
        .iter()
        .map(|action| (action.line, action.rule.as_str(), action.why.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (
                11,
                "checkbox",
                "an item with a box under “Action items”; the words “action items” announce actions"
            ),
            (16, "checkbox", "an item with a box under “Alarms”; the words “action items” announce actions"),
        ]
    );
    let missed: Vec<_> =
        reading.near_misses.iter().map(|miss| (miss.line, miss.rule.as_str(), miss.text.as_str())).collect();
    assert_eq!(
        missed,
        [
            (4, "told-there", "10:02 We will add a sensor"),
            (7, "outside-actions", "Test the brake weekly"),
            (10, "introduction", "The following was agreed:"),
            (12, "rejected", "Sell the crane"),
            (13, "said-before", "Replace the brake"),
            (14, "placeholder", "TBD"),
            (15, "group", "Alarms:"),
        ]
    );
}

#[test]
fn a_report_without_actions_says_what_was_looked_for_and_what_came_nearest() {
    let told = |text: &str| {
        let reading = read(text, &Options::default());
        assert_eq!(reading.actions, []);
        reading
            .warnings
            .into_iter()
            .find(|warning| warning.code == "no-actions")
            .map(|warning| warning.message)
    };
    assert_eq!(
        told("# Crane stuck\n\n## Follow-up\nAll was talked about at length.\n").as_deref(),
        Some(
            "no action was found: nothing under “Follow-up” (line 3) is one; the nearest is “All was talked \
             about at length.” (line 4), but it commits to nothing"
        )
    );
    assert_eq!(
        told("# Crane stuck\n\nIt stood still.\n").as_deref(),
        Some(
            "no action was found: no heading announces actions, such as “Action items”, and no sentence \
             commits to one"
        )
    );
}

#[test]
fn a_sentence_leads_into_a_list_of_actions() {
    let report = "# Lift stuck\n\nIt stood still. To prevent this in the future, we will:\n\n- oil the cable\n- test the alarm\n\nIt was a long day.\n\nThe following floors were affected:\n\n- the first\n- the second\n";
    insta::assert_snapshot!(told(report), @r"
    5:list-item oil the cable
    6:list-item test the alarm
    ");
}

#[test]
fn tickets_criteria_and_rejected_ideas() {
    let report = "# Lift stuck\n\n## Action items\n\n- Oil the cable (OPS-12). Success criteria: it does not squeak\n- Test the alarm, see #7\n- Paint it ([#9](https://acme.test/lift/issues/9)). Owner: Ann\n- Rejected ideas:\n  - sell the lift\n";
    let found = actions(report);
    assert_eq!(found.len(), 3);
    assert_eq!(found[2].issue_refs, ["https://acme.test/lift/issues/9"]);
    assert_eq!(found[2].tracked_in.as_ref(), found[2].issue_refs.first());
    assert_eq!(found[0].title, "Oil the cable.");
    assert_eq!(found[0].tracked_in.as_deref(), Some("OPS-12"));
    assert_eq!(found[0].success_criteria.as_deref(), Some("it does not squeak"));
    assert_eq!((found[1].issue_refs.clone(), found[1].tracked_in.as_deref()), (vec!["#7".to_owned()], None));
}

#[test]
fn the_words_tell_who_when_and_whether_it_is_done() {
    let report = "# Lift stuck\n\n## Next steps\n\n**AK** Check the cable\n\n- Alarm tested\n- We have replaced the door\n- Rent a ladder in the coming weeks\n- Nobody to use the lift alone\n";
    insta::assert_snapshot!(told(report), @r"
    5:line Check the cable | owner=AK
    7:list-item [x] Alarm tested
    8:list-item [x] We have replaced the door
    9:list-item Rent a ladder in the coming weeks | due=in the coming weeks
    10:list-item Nobody to use the lift alone
    ");
}

#[test]
fn a_heading_over_titled_paragraphs_is_a_group() {
    let text = "# Lift stuck\n\n## What we are doing about it\n\n### Already completed\n\nWe have replaced the \
                rope of the lift.\n\n### Near-term safeguards\n\n**Second brake.** We are adding a second \
                brake.\n\n**Weekly rides.** The lift will be ridden empty each week.\n";
    let reading = read(text, &Options::default());
    let found: Vec<_> = reading.actions.iter().map(|action| action.title.as_str()).collect();
    assert_eq!(found, ["We have replaced the rope of the lift.", "Second brake", "Weekly rides"]);
}

#[test]
fn headings_tell_state_due_date_and_priority_of_what_stands_below() {
    for (heading, done, due, priority) in [
        ("Done", Some(true), None, None),
        ("Completed", Some(true), None, None),
        ("✅ Done", Some(true), None, None),
        ("Already implemented", Some(true), None, None),
        ("Finished (March)", Some(true), None, None),
        ("Actions already taken", Some(true), None, None),
        ("To do", Some(false), None, None),
        ("Not started", Some(false), None, None),
        ("In progress (next 2 weeks)", Some(false), Some("next 2 weeks"), None),
        ("Long-term (Q4 2025)", None, Some("Q4 2025"), None),
        ("Within 30 days", None, Some("Within 30 days"), None),
        ("Short term (by end of May)", None, Some("by end of May"), None),
        ("Next quarter", None, Some("Next quarter"), None),
        ("Immediate (P1)", None, None, Some("P1")),
        ("High priority", None, None, Some("High priority")),
        ("Monitoring", None, None, None),
    ] {
        for form in [format!("### {heading}"), format!("**{heading}**")] {
            let report = format!("# Oven fire\n\n## Action items\n\n{form}\n\n- Buy a bell\n");
            let all = actions(&report);
            let told = all
                .first()
                .map(|action| (action.done, action.due_text.as_deref(), action.priority_text.as_deref()));
            assert_eq!(told, Some((done, due, priority)), "{form}");
        }
    }
    // What an item says itself wins, and a promise is none of what has been done.
    let report = "# Oven fire\n\n## Action items\n\n### What has been done\n\n- Sand was bought\n- We will also buy a bell\n- [ ] Buy a hose\n\n### Later (Q4 2025)\n\n- Buy a mat (due: Q1 2026)\n";
    let told: Vec<_> = actions(report).into_iter().map(|action| (action.done, action.due_text)).collect();
    let due = |due: &str| Some(due.to_owned());
    assert_eq!(told, [(Some(true), None), (None, None), (Some(false), None), (None, due("Q1 2026"))]);
}

#[test]
fn a_sentence_gives_its_list_a_state() {
    let report = "# Oven fire\n\n## Action items\n\n**Done**: Build an oven that, for now, has the following rules:\n\n1. Refuse wet wood\n2. Limit the heat\n\nThen:\n\n- Buy a bell\n";
    let told: Vec<_> = actions(report).into_iter().map(|action| (action.text, action.done)).collect();
    let item = |text: &str, done| (text.to_owned(), done);
    let expected =
        [item("Refuse wet wood", Some(true)), item("Limit the heat", Some(true)), item("Buy a bell", None)];
    assert_eq!(told, expected);
}

#[test]
fn success_criteria_are_told_in_many_ways() {
    for item in [
        "- Add a lamp. Done when it burns.",
        "- Add a lamp — done when it burns",
        "- Add a lamp (done when it burns)",
        "- Add a lamp. Verified when it burns.",
        "- Add a lamp. Acceptance: it burns",
        "- Add a lamp (DoD: it burns)",
        "- Add a lamp, owner: Ann, acceptance: it burns",
        "- Add a lamp. Exit criterion: it burns. Owner: Ann",
        "- Add a lamp\n  - Done when it burns",
        "- Add a lamp\n  - Acceptance criteria: it burns",
        "- Add a lamp\n  - Acceptance criteria:\n    - it burns",
        "| Action | Owner | Success criteria |\n|---|---|---|\n| Add a lamp | Ann | it burns |",
    ] {
        let all = actions(&format!("# Oven fire\n\n## Action items\n\n{item}\n"));
        let told: Vec<_> = all
            .iter()
            .map(|action| (action.text.trim_end_matches('.'), action.success_criteria.as_deref()))
            .collect();
        assert_eq!(told, [("Add a lamp", Some("it burns"))], "{item}");
    }
    let report = "# Oven fire\n\n## Action items\n\n- Add a lamp\n  - Success criteria:\n    - it burns\n    - it is red\n  - It hangs there\n- Tell when it is done when asked\n";
    let all = actions(report);
    assert_eq!(all[0].success_criteria.as_deref(), Some("it burns; it is red"));
    assert_eq!(all[0].description.as_deref(), Some("It hangs there"));
    assert_eq!(all[1].success_criteria, None);
}

#[test]
fn a_label_or_a_column_of_pull_requests_names_no_ticket() {
    for (item, own) in [
        ("- Add a lamp. Ticket: #16", Some("#16")),
        ("- Add a lamp. PR: #16", None),
        ("- Add a lamp\n  - PR: #16", None),
        ("| Action | Owner | Issue |\n|---|---|---|\n| Add a lamp | Ann | #16 |", Some("#16")),
        ("| Action | Owner | PR |\n|---|---|---|\n| Add a lamp | Ann | #16 |", None),
    ] {
        let all = actions(&format!("# Oven fire\n\n## Action items\n\n{item}\n"));
        assert_eq!(all[0].issue_refs, ["#16"], "{item}");
        assert_eq!(all[0].tracked_in.as_deref(), own, "{item}");
    }
}

#[test]
fn numbered_rows_without_a_word_are_no_actions() {
    let text = "# Ascensor\n\n## Acciones correctivas\n\n| # | Descripción | Responsable |\n|---|---|---|\n\
                | 1 | | |\n| 2 | Revisar el freno | Ana |\n| 3 | | |\n";
    assert_eq!(told(text), "8:table-row Revisar el freno | owner=Ana");
}

#[test]
fn what_is_for_the_future_is_to_be_done() {
    let text = "Lift stuck\n\n  Remedied:\n  - brake replaced\n\n  Future:\n  - inspect the brake weekly\n  \
                - perhaps a second lift?\n";
    let found: Vec<_> = actions(text).into_iter().map(|action| action.title).collect();
    assert_eq!(found, ["brake replaced", "inspect the brake weekly", "perhaps a second lift?"]);
}

#[test]
fn a_heading_over_nothing_but_fields_is_an_action() {
    let report = "# Oven fire\n\n## Action items\n\n### Add disk alerts\n\n- Owner: Tom\n- Due: 2026-12-01\n- Status: open\n\n### Review the alerting\n- **Owner:** Ann\n  - with the night shift\n\n\
                  ### Monitoring\n\n- Watch the fan\n- Owner: Bo\n";
    insta::assert_snapshot!(told(report), @"
    5:heading-item [ ] Add disk alerts | owner=Tom | due=2026-12-01
    11:heading-item Review the alerting | owner=Ann
    17:list-item Watch the fan
    ");
}

#[test]
fn a_list_beside_a_table_of_actions_explains_it_or_has_more() {
    let report = "# Oven fire\n\n## Action items\n\n- Action: what will be done\n- Owner: who does it\n- P1: fix within a week\n- The table is kept by the night shift\n\n\
                  | Action | Owner | Due |\n|---|---|---|\n| Add a fan | Ann | 2026-12-01 |\n\n\
                  - Add a fan\n- Buy a second oven\n- New gloves for the cooks (owner: Bo)\n- The door handle, due: 2026-12-24\n- Status is one of open and done\n";
    insta::assert_snapshot!(told(report), @"
    12:table-row Add a fan | owner=Ann | due=2026-12-01
    15:list-item Buy a second oven
    16:list-item New gloves for the cooks | owner=Bo
    17:list-item The door handle | due=2026-12-24
    ");
}

#[test]
fn owners_and_days_as_they_stand_in_lists_of_tasks() {
    let report = "# Oven fire\n\nDate: 2026-11-02\n\n## Action items\n\n\
                  - M. Fly <mfly@acme.test>: replace the fan by 2026-12-01\n- Ann Okot (ann@acme.test): replace the van\n\
                  - TODO(anna): write the runbook\n- Clean the lamp by Friday\n- Clean the tray (due: 1.12.)\n\
                  - Clean the horn (Tom, 31/12)\n- Clean the pan, due 05/06\n- Test the alarm 2026-12-01\n\
                  - Test the bell 03 Dec 2026\n- Roll back to 2026-12-01\n- Step one (3/4)\n- Update to the release (1.12)\n";
    insta::assert_snapshot!(told(report), @"
    7:list-item replace the fan by 2026-12-01 | owner=M. Fly | due=2026-12-01
    8:list-item replace the van | owner=Ann Okot
    9:list-item write the runbook | owner=anna
    10:list-item Clean the lamp by Friday | due=Friday
    11:list-item Clean the tray | due=1.12
    12:list-item Clean the horn | owner=Tom | due=31/12
    13:list-item Clean the pan | due=05/06
    14:list-item Test the alarm | due=2026-12-01
    15:list-item Test the bell | due=03 Dec 2026
    16:list-item Roll back to 2026-12-01
    17:list-item Step one (3/4)
    18:list-item Update to the release (1.12)
    ");
}
