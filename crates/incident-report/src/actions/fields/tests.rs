use super::*;
use crate::dates::DateContext;

fn told(item: &str) -> String {
    let (own, fields) = cut(&Text::from_plain(item));
    let mut told = own.plain;
    let notes =
        [("owner", fields.owner), ("due", fields.due), ("priority", fields.priority), ("kind", fields.kind)];
    for (name, value) in notes {
        if let Some(value) = value {
            told += &format!(" | {name}={value}");
        }
    }
    if let Some(done) = fields.done {
        told += &format!(" | done={done}");
    }
    if fields.is_rejected {
        told += " | rejected";
    }
    told
}

#[test]
fn fields_set_off_from_the_sentence_are_cut() {
    for (item, expected) in [
        ("[DONE] Add an alert", "Add an alert | done=true"),
        ("[ann] Add an alert", "Add an alert | owner=ann"),
        ("TODO Add an alert", "Add an alert | done=false"),
        ("✅ Add an alert", "Add an alert | done=true"),
        ("@ann: Add an alert", "Add an alert | owner=@ann"),
        ("P1 - Add an alert", "Add an alert | priority=P1"),
        ("Add an alert (done)", "Add an alert | done=true"),
        ("Add an alert (owner: Ann, due: 3 May 2026)", "Add an alert | owner=Ann | due=3 May 2026"),
        ("Add an alert - Owner: Ann Okot, due: 2026-05-03", "Add an alert | owner=Ann Okot | due=2026-05-03"),
        (
            "Add an alert (owner: @ann, due: 2026-12-01, see #2)",
            "Add an alert (see #2) | owner=@ann | due=2026-12-01",
        ),
        ("Add an alert (owner: Ann, effort: small) soon", "Add an alert (effort: small) soon | owner=Ann"),
        ("Add an alert (owner: [name], due: [day], priority: high)", "Add an alert | priority=high"),
        (
            "Ajouter une alerte (responsable : Élodie, échéance : 15 mars 2026)",
            "Ajouter une alerte | owner=Élodie | due=15 mars 2026",
        ),
        ("Renew the lease - owner: Anna - due 2026-12-15", "Renew the lease | owner=Anna | due=2026-12-15"),
        ("Renew the lease (Tom, by 20 Nov)", "Renew the lease | owner=Tom | due=20 Nov"),
        ("Renew the lease (Tom, 2026-11-20)", "Renew the lease | owner=Tom | due=2026-11-20"),
        ("Renew the lease (due: Mon, Nov 30)", "Renew the lease | due=Mon, Nov 30"),
        ("Add an alert — in progress", "Add an alert | done=false"),
        ("Add an alert @ann [repair]", "Add an alert | owner=@ann | kind=repair"),
        ("Add an alert. Owner: Ann", "Add an alert. | owner=Ann"),
        ("Add a check. Owner: Sara. Due: 2026-11-30", "Add a check. | owner=Sara | due=2026-11-30"),
        ("Add a check - Owner: Sara - Due: 2026-11-30", "Add a check | owner=Sara | due=2026-11-30"),
        ("Add a check / Owner: Sara / Due: 2026-11-30", "Add a check | owner=Sara | due=2026-11-30"),
        ("Add a check. Due: 2026-11-30. Owner: Sara.", "Add a check. | owner=Sara | due=2026-11-30"),
        (
            "Renewal job: Enable it. Owner: Piet de Vries. Due: 16 October 2026. Status: completed.",
            "Renewal job: Enable it. | owner=Piet de Vries | due=16 October 2026 | done=true",
        ),
        (
            "Add a check. Priority: low. Assigned to: Mehmet Yılmaz",
            "Add a check. | owner=Mehmet Yılmaz | priority=low",
        ),
        (
            "Add a check (P2, owner Sara, due 12/05/2026)",
            "Add a check | owner=Sara | due=12/05/2026 | priority=P2",
        ),
        ("Add a check (owner Sara)", "Add a check | owner=Sara"),
        ("Add a check. Owner: Sara. It covers the job.", "Add a check. It covers the job. | owner=Sara"),
        ("Add a check (Owner: Omar) for the job", "Add a check for the job | owner=Omar"),
        ("Add a check (@octo-dev) by 2024-07-01", "Add a check by 2024-07-01 | owner=@octo-dev"),
        (
            "Add a check (owner: Ann, Bob Okot; due: May 3, 2026)",
            "Add a check | owner=Ann, Bob Okot | due=May 3, 2026",
        ),
        ("Add a check. Owner: TBD. Due: n/a", "Add a check."),
        ("Add a check. Status: ok", "Add a check."),
        ("Add a check: Status: unknown", "Add a check"),
        ("Platform team: add a check", "Platform team: add a check"),
        ("(web team) Add a check", "Add a check | owner=web team"),
        ("[Grafana] Add a check", "[Grafana] Add a check"),
        ("It goes down. DONE in PR #12", "It goes down | done=true"),
        ("Add an alert - DONE 2026-11-05", "Add an alert | done=true"),
        ("Add an alert (won't do)", "Add an alert | rejected"),
        ("[Cancelled] Add an alert", "Add an alert | rejected"),
        ("Add an alert (@ann)", "Add an alert | owner=@ann"),
        ("Add an alert | High | by Friday", "Add an alert | due=Friday | priority=High"),
        ("監視を追加する（担当: 山田、期限: 2026-05-03）", "監視を追加する | owner=山田 | due=2026-05-03"),
    ] {
        assert_eq!(told(item), expected, "{item}");
    }
}

#[test]
fn what_belongs_to_the_sentence_stays() {
    for item in [
        "Ann to add an alert",
        "Add an alert (see runbook)",
        "[#12] Add an alert",
        "Set the high water mark",
        "Done is better than perfect",
        "Move to the new pool (#12)",
        "Document what is done",
        "Use tool: it works",
    ] {
        assert_eq!(told(item), item);
    }
    assert_eq!(owner_inside("Ann to add an alert").as_deref(), Some("Ann"));
    assert_eq!(owner_inside("Speak to add people"), None);
    assert_eq!(owner_inside("@ann will add an alert").as_deref(), Some("@ann"));
}

#[test]
fn brackets_of_different_widths_are_cut_on_characters() {
    for written in ["Add it (）", "Add it (é）", "Add it （a) now", "Add （)"] {
        let (text, _) = cut(&Text::from_plain(written));
        assert!(text.plain.starts_with("Add"), "{written}");
    }
}

#[test]
fn due_dates_inside_the_sentence() {
    let context = DateContext::default();
    for (item, expected) in [
        ("Meet for Wednesday Feb 12", Some("Wednesday Feb 12")),
        ("Add a check by the end of May", Some("end of May")),
        ("Add a check during the H1 sprints", Some("H1")),
        ("Try the pump before the main launch.", Some("before the main launch")),
        ("Add a check before the next release", None),
        ("Test every change before release", None),
        ("Test what was moved by migration", None),
        ("Look for what broke in May 2023", None),
        ("Add a check later this year", Some("later this year")),
    ] {
        assert_eq!(due_inside(item, &context).as_deref(), expected, "{item}");
    }
}
