//! A lead goes through what a report asks for.

use serde_json::{Value, json};

use super::{Shell, refusals::refused};

const REPORT: &str = "# Cards declined

Severity: SEV2

## Action items

- Alert two weeks before signing keys expire (owner: @octo-dev)
- Improve monitoring
- Runbook for the failover of the ledger
- Roll releases out zone by zone, and write down how long each zone took
";

/// A team with an open action, CA-1, and four that nobody has taken on.
fn with_proposals() -> Shell {
    let team = Shell::with_github();
    team.write(
        "old.md",
        "# Older\\n\\n## Action items\\n\\n- Alert before a signing key expires\\n".replace("\\n", "\n"),
    );
    team.runs("import old.md --accept");
    team.write("cards.md", REPORT);
    team.runs("import cards.md");
    team
}

fn states(team: &Shell) -> String {
    let list = team.json("list");
    let states = list.as_array().unwrap().iter().map(|action| action["state"].as_str().unwrap().to_owned());
    states.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_program_sees_what_a_reviewer_should_know() {
    let team = with_proposals();
    let cards = team.json("review");
    let ids: Vec<&Value> = cards.as_array().unwrap().iter().map(|card| &card["id"]).collect();
    assert_eq!(ids, ["CA-2", "CA-3", "CA-4", "CA-5"]);
    assert_eq!(cards[0]["likely_duplicates"][0]["id"], "CA-1");
    assert_eq!(cards[0]["quote"], "- Alert two weeks before signing keys expire (owner: @octo-dev)");
    let advice = |card: usize| {
        cards[card]["advice"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!([advice(0), advice(1), advice(2)], [vec![], vec![json!("no_end")], vec![json!("no_verb")]]);
    assert_eq!(team.json("review --report IR-1"), json!([]));
    assert_eq!(team.json("review CA-4").as_array().unwrap().len(), 1);
    refused(&team, "review --report IR-9", 2);
    // Nobody is asked where nobody can answer.
    let before = team.everything();
    insta::assert_snapshot!(team.runs("review CA-2").page(), @"
    CA-2 Alert two weeks before signing keys expire
      report    IR-2 Cards declined, “Action items”, line 7
      owner     octo-dev
      due       2024-06-14, by the policy
      category  monitoring · detect · medium priority · sev2
      > - Alert two weeks before signing keys expire (owner: @octo-dev)
      like CA-1 (open): Alert before a signing key expires
    ---
    1 action; `followup accept ID...` takes them on, `followup decline ID... --reason TEXT` refuses them
    ");
    assert_eq!(team.everything(), before);
}

#[test]
fn a_letter_answers_for_one_action_after_the_other() {
    let team = with_proposals();
    let answers = "\
m CA-1
t Alert when a queue is not read for five minutes
p high
o octo-ops
d 2024-06-20
a
x
it is in the handbook
s
Roll releases out zone by zone
Write down how long each zone took

a
";
    let ran = team.run_with_input("review --interactive", answers);
    insta::assert_snapshot!(ran.out, @"

    1 of 4  CA-2 Alert two weeks before signing keys expire
      report    IR-2 Cards declined, “Action items”, line 7
      owner     octo-dev
      due       2024-06-14, by the policy
      category  monitoring · detect · medium priority · sev2
      > - Alert two weeks before signing keys expire (owner: @octo-dev)
      like CA-1 (open): Alert before a signing key expires

    2 of 4  CA-3 Improve monitoring
      report    IR-2 Cards declined, “Action items”, line 8
      owner     nobody
      due       2024-06-14, by the policy
      category  monitoring · detect · medium priority · sev2
      > - Improve monitoring
      note “improve” has no end: say how one will know that it is done, with a number or a result

    2 of 4  CA-3 Alert when a queue is not read for five minutes
      report    IR-2 Cards declined, “Action items”, line 8
      owner     nobody
      due       2024-06-14, by the policy
      category  monitoring · detect · medium priority · sev2
      > - Improve monitoring

    2 of 4  CA-3 Alert when a queue is not read for five minutes
      report    IR-2 Cards declined, “Action items”, line 8
      owner     nobody
      due       2024-06-14, by the policy
      category  monitoring · detect · high priority · sev2
      > - Improve monitoring

    2 of 4  CA-3 Alert when a queue is not read for five minutes
      report    IR-2 Cards declined, “Action items”, line 8
      owner     octo-ops
      due       2024-06-14, by the policy
      category  monitoring · detect · high priority · sev2
      > - Improve monitoring

    2 of 4  CA-3 Alert when a queue is not read for five minutes
      report    IR-2 Cards declined, “Action items”, line 8
      owner     octo-ops
      due       2024-06-20
      category  monitoring · detect · high priority · sev2
      > - Improve monitoring

    3 of 4  CA-4 Runbook for the failover of the ledger
      report    IR-2 Cards declined, “Action items”, line 9
      owner     nobody
      due       2024-06-14, by the policy
      category  documentation · process · medium priority · sev2
      > - Runbook for the failover of the ledger
      note it does not say what to do: begin with a verb, as “Add”, “Remove” or “Test”

    4 of 4  CA-5 Roll releases out zone by zone, and write down how long each zone took
      report    IR-2 Cards declined, “Action items”, line 10
      owner     nobody
      due       2024-06-14, by the policy
      category  deployment · prevent · medium priority · sev2
      > - Roll releases out zone by zone, and write down how long each zone took

    4 of 4  CA-5 Roll releases out zone by zone
      report    IR-2 Cards declined, “Action items”, line 10
      owner     nobody
      due       2024-06-14, by the policy
      category  deployment · prevent · medium priority · sev2
      > - Roll releases out zone by zone, and write down how long each zone took
    ");
    assert_eq!(states(&team), "open dropped open dropped open proposed");
    let monitored = team.json("show CA-3");
    assert_eq!(
        [&monitored["title"], &monitored["priority"], &monitored["owner"], &monitored["due_on"]],
        ["Alert when a queue is not read for five minutes", "high", "octo-ops", "2024-06-20"]
    );
    assert_eq!(team.json("show CA-2")["duplicate_of"], "CA-1");
    assert_eq!(team.json("show CA-6")["split_from"], "CA-5");
    assert_eq!(team.json("audit verify")["ok"], true);
}

#[test]
fn a_wrong_answer_is_told_and_asked_again_and_the_end_keeps_what_was_answered() {
    let team = with_proposals();
    let ran = team.run_with_input("review --interactive", "z\nd yesterday\nm CA-2\nc nope\nx\n\na\nq\n");
    insta::assert_snapshot!(ran.err, @"
    accept? [a x t o d c p k s m n b q ?] Answer with a letter, and what belongs to it:
      a            accept it
      x REASON     decline it
      t TEXT       another title            o WHO       its owner
      d DATE       its due date             c CATEGORY  the area of work
      p PRIORITY   how urgent it is         k KIND      what it changes
      s            split it                 m ID        it is the same as another action
      n or Enter   leave it for later       b           back to the one before
      q            end; what was answered is kept
    accept? [a x t o d c p k s m n b q ?] `yesterday` is not a date
      → write it as YYYY-MM-DD, as in 2026-05-31
    accept? [a x t o d c p k s m n b q ?] CA-2: an action cannot be a duplicate of itself
      → name the action that is done instead
    accept? [a x t o d c p k s m n b q ?] there is no category `nope`; there are configuration-management, testing, dependency-updates, incident-response, monitoring, documentation, automation, capacity, resilience, security, data-protection, access-control, deployment, communication, training, other
      → `[categories.NAME]` in followup.toml makes one of your own
    accept? [a x t o d c p k s m n b q ?] why? nothing was answered
      → the action is as it was
    accept? [a x t o d c p k s m n b q ?] accept? [a x t o d c p k s m n b q ?] 1 action answered, 3 left
    next: `followup publish` gives every accepted action its issue
    ");
    assert_eq!(states(&team), "open open proposed proposed proposed");
    // Going back, and a connection that is lost.
    team.run_with_input("review --interactive", "n\nn\nb\na\n");
    assert_eq!(states(&team), "open open proposed open proposed");
}
