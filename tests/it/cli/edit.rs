//! Correcting what was read, as a person at a terminal sees it.

use super::{Shell, refusals::refused};

#[test]
fn a_correction_is_shown_and_kept() {
    let team = Shell::with_accepted_actions();
    insta::assert_snapshot!(
        team.runs("edit CA-3 --title \"Runbook and rehearsal\" --category incident-response").page(),
        @"CA-3  incident-response · process · medium priority: Runbook and rehearsal"
    );
    insta::assert_snapshot!(team.runs("edit CA-1 CA-3 --priority high").page(), @"
    CA-1  monitoring · detect · high priority: Alert on expiry
    CA-3  incident-response · process · high priority: Runbook and rehearsal
    ");
    // Said twice, it is said once.
    insta::assert_snapshot!(team.runs("edit CA-1 CA-3 --priority high").page(), @"
    CA-1  monitoring · detect · high priority (as before): Alert on expiry
    CA-3  incident-response · process · high priority (as before): Runbook and rehearsal
    ");
    let page = team.runs("show CA-3").page();
    let shown: Vec<&str> =
        page.lines().filter(|line| line.contains("corrected") || line.contains("edited")).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    corrected  category, priority, title (set by people; the report does not change it)
    2024-05-15T09:00:00Z action.edited      by grace: category documentation → incident-response, title “Runbook for the key store” → “Runbook and rehearsal”
    2024-05-15T09:00:00Z action.edited      by grace: priority medium → high
    ");
    assert_eq!(team.json("show CA-3")["corrected"].to_string(), r#"["category","priority","title"]"#);

    team.write("checkout.txt", super::REPORT.replace("rehearse it once", "rehearse it twice"));
    insta::assert_snapshot!(team.runs("import checkout.txt").page(), @"
    IR-1 “Checkout outage on 14 May 2024” (checkout.txt): revision 2 (sev2): 1 changed
    changed   CA-3   Runbook and rehearsal (text)
    ");
    assert_eq!(team.json("show CA-3")["title"], "Runbook and rehearsal");
}

#[test]
fn the_history_tells_what_was_corrected_from_what_to_what() {
    let team = Shell::with_accepted_actions();
    team.runs("edit CA-1 --kind process --description \"Alert thirty days before, and again seven days before it expires.\"");
    team.runs("edit CA-1 --title \"Alert on expiring certificates\" --category security --priority urgent");
    team.runs("edit CA-1 --description \"\"");
    team.runs("edit CA-1 --description \"As agreed in May.\"");
    team.runs("assign CA-1 octo-dev");
    team.write(
        "checkout.txt",
        super::REPORT.replace("Renew automatically: Let", "Renew automatically: Please let"),
    );
    team.runs("import checkout.txt");
    let told = |id: &str| {
        let page = team.runs(&format!("show {id}")).page();
        let events = page.lines().skip_while(|line| *line != "History").skip(3);
        events
            .map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(told("CA-1"), @"
    action.edited by grace: kind detect → process, description “Alert thirty days before a certificate of the ke…” → “Alert thirty days before, and again seven days b…”
    action.edited by grace: category monitoring → security, priority medium → urgent, title “Alert on expiry” → “Alert on expiring certificates”
    action.edited by grace: description “Alert thirty days before, and again seven days b…” → none
    action.edited by grace: description “As agreed in May.”
    action.assigned by grace: owner “octo-lead” → “octo-dev”
    ");
    insta::assert_snapshot!(told("CA-2"), @"action.revised by grace: description “Let the platform renew certificates without a pe…” → “Please let the platform renew certificates witho…”");
}

#[test]
fn what_cannot_be_corrected() {
    let team = Shell::with_accepted_actions();
    team.runs("done CA-4");
    let long = "x".repeat(251);
    let told: Vec<String> = [
        "edit CA-1",
        "edit CA-1 CA-2 --title Same",
        "edit CA-1 --title \" \"",
        &format!("edit CA-1 --title {long}"),
        "edit CA-1 --category monitorng",
        "edit CA-1 --kind prevnt",
        "edit CA-4 --kind detect",
        "edit CA-99 --kind detect",
    ]
    .iter()
    .map(|line| refused(&team, line, 2))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    usage: nothing is to be corrected
    → add --title, --description, --category, --kind or --priority; owners and days have `followup assign` and `followup due`
    usage: several actions cannot have the same title or description
    → correct them one by one; --category, --kind and --priority take several
    usage: the title is empty
    → say what has to be done, in one line
    usage: the title has 251 characters, and an issue's title holds 250
    → shorten it, and explain the rest with --description
    usage: there is no category `monitorng`; there are configuration-management, testing, dependency-updates, incident-response, monitoring, documentation, automation, capacity, resilience, security, data-protection, access-control, deployment, communication, training, other
    → did you mean `monitoring`? `[categories.NAME]` in followup.toml makes one of your own
    usage: `prevnt` is not a kind; expected one of prevent, mitigate, detect, process, repair, investigate, other
    → `followup edit --help` shows how it is written
    refused: CA-4: cannot edit an action that is done
    → it can be verified, rejected or reopened
    not_found: there is no action CA-99
    → `followup list` shows every action
    ");
}
