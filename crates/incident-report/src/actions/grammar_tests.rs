//! What small invented reports say in grammars, layouts, and languages that no list of headings knows.

use crate::{CandidateAction, Options, read};

fn actions(report: &str) -> Vec<CandidateAction> {
    read(report, &Options::default()).actions
}

/// The actions as lines: line, rule, state, text.
fn told(report: &str) -> String {
    let line = |action: CandidateAction| {
        let state = match action.done {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        format!("{}:{} {state}{}", action.line, action.rule.as_str(), action.text)
    };
    actions(report).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_task_below_a_task_is_one_of_its_own() {
    let report = "# Lift stuck\n\n## Next steps\n\n- Overhaul the lift, including\n  - Replacing the cable for good\n  - Testing the brake every month\n  - its doors\n- Fix the causes:\n  - The brake is being replaced by the maker.\n  - The cable has been oiled.\n";
    insta::assert_snapshot!(told(report), @"
    5:list-item Overhaul the lift, including
    6:list-item Replacing the cable for good
    7:list-item Testing the brake every month
    10:list-item [ ] The brake is being replaced by the maker.
    11:list-item [x] The cable has been oiled.
    ");
}

#[test]
fn headings_group_the_lines_that_are_marked() {
    let report = "# Lift stuck\n\n## Action items\n\n### The brake\n\n**Done**: Replace the brake.\n\nTODO: Test it every month.\n\n### A second lift\n\nIt costs a lot.\n";
    insta::assert_snapshot!(told(report), @"
    7:titled-line [x] Replace the brake.
    9:titled-line [ ] Test it every month.
    11:heading-item A second lift
    ");
}

#[test]
fn a_heading_no_list_knows_announces_actions() {
    let report = "# Lift stuck\n\n## How we keep people from getting stuck in the future\n\n- Two porters at night\n\n## What could have prevented this\n\n- A second porter\n\n## What we learned about avoiding it\n\n### Changing the cable\n\nIt took long.\n";
    insta::assert_snapshot!(told(report), @"5:list-item Two porters at night");
}

#[test]
fn what_introduces_a_list_is_no_section() {
    let found = actions("# Lift stuck\n\n## Action items\n\nThis was agreed:\n\n- Oil the cable\n");
    assert_eq!(found[0].section.as_deref(), Some("Action items"));
}

#[test]
fn prose_is_read_in_many_languages() {
    for (heading, promise, report, talk) in [
        (
            "Wie geht es weiter?",
            "Wir werden einen Alarm einrichten.",
            "Außerdem haben wir das Skript angepasst.",
            "Es dauerte zwei Stunden.",
        ),
        ("Qué vamos a hacer", "Agregaremos una alerta.", "Hemos actualizado el guion.", "Duró dos horas."),
        (
            "Comment éviter que cela se reproduise ?",
            "Nous allons ajouter une alerte.",
            "Nous avons revu le script.",
            "Elle dura deux heures.",
        ),
        ("O que vamos fazer", "Vamos adicionar um alerta.", "Atualizamos o roteiro.", "Durou duas horas."),
        ("Cosa faremo", "Aggiungeremo un allarme.", "Abbiamo aggiornato lo script.", "Durò due ore."),
        (
            "Hoe voorkomen we dit?",
            "We gaan een alarm toevoegen.",
            "We hebben het script aangepast.",
            "Het duurde twee uur.",
        ),
        ("Co zrobimy", "Dodamy alert.", "Zaktualizowaliśmy skrypt.", "Trwało to dwie godziny."),
        ("Что мы сделаем", "Мы добавим оповещение.", "Обновили скрипт.", "Это длилось два часа."),
        (
            "Biện pháp phòng ngừa",
            "Chúng tôi sẽ thêm cảnh báo.",
            "Chúng tôi đã cập nhật kịch bản.",
            "Sự cố kéo dài hai giờ.",
        ),
        ("后续计划", "我们将增加告警。", "已经更新了脚本。", "故障影响较大。"),
        ("今後の取り組み", "アラートを追加します。", "監視を強化しました。", "ご迷惑をおかけしました。"),
        (
            "재발 방지 대책",
            "알림을 추가할 예정입니다.",
            "스크립트를 수정했습니다.",
            "두 시간 지속되었습니다.",
        ),
    ] {
        let text = format!("# 1\n\n## {heading}\n\n{promise} {report} {talk}\n");
        let found: Vec<String> = actions(&text).into_iter().map(|action| action.text).collect();
        assert_eq!(found, [promise, report], "{heading}");
    }
}

#[test]
fn lessons_that_mostly_say_what_to_do_are_actions_together() {
    let report = "# Lift stuck\n\n## Lessons learned\n\n- Check the cable\n- We should test the brake\n- No more than six people\n";
    assert_eq!(actions(report).len(), 3);
    let report = "# Lift stuck\n\n## Lessons learned\n\n- The cable was dry\n- We should test the brake\n- Lifts get stuck\n";
    assert_eq!(actions(report), []);
}

#[test]
fn beside_a_list_that_a_sentence_leads_into_promises_still_count() {
    let report = "# Lift stuck\n\n## Cable\n\nIt was dry. We are doing the following:\n\n- Oil it\n- Look at it weekly\n\n## Brake\n\nWe will replace the brake. We are improving it.\n";
    insta::assert_snapshot!(told(report), @"
    7:list-item Oil it
    8:list-item Look at it weekly
    12:sentence We will replace the brake.
    ");
}

#[test]
fn lessons_and_actions_under_one_heading_are_actions() {
    let report = "# Lift stuck\n\n## What we learned and what we will do next\n\nPorters now carry a key. Let's acknowledge the porters. Manually testing the brake is planned.\n\n### Technical initiatives\n\nWe will buy a lift.\n";
    insta::assert_snapshot!(told(report), @"
    5:sentence Porters now carry a key.
    5:sentence Manually testing the brake is planned.
    9:sentence We will buy a lift.
    ");
}

#[test]
fn a_question_announces_its_answer() {
    let report = "# Lift stuck\n\nIt stood. What are we doing to prevent this? First, the porters test it daily. Second, the lock must hold.\n";
    assert_eq!(told(report), "3:sentence Second, the lock must hold.");
    let report = "# Lift stuck\n\nThe lift must be old.\n\nSo what are we doing about it?\n\nThe lock must hold. Porters now carry a key.\n";
    insta::assert_snapshot!(told(report), @"
    7:sentence The lock must hold.
    7:sentence Porters now carry a key.
    ");
}

#[test]
fn numbered_lines_of_plain_text_are_sections() {
    let report = "POSTMORTEM: lift stuck\n\n1. Summary\nIt stood.\n\n2. Root cause\nA dry cable.\n\n3. What we will do to prevent this\nOil the cable weekly\nA second porter\n";
    insta::assert_snapshot!(told(report), @"
    10:line Oil the cable weekly
    11:line A second porter
    ");
}
