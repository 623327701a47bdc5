//! Where the history ends, kept where others keep it.

use super::super::{REPO, Shell, refusals::refused};
use super::tamper;

#[test]
fn a_checkpoint_is_posted_once_and_kept_in_a_file() {
    let team = Shell::with_accepted_actions();
    let issue = team.github().open_issue(REPO, "octo-lead", "Records", "").unwrap();
    assert_eq!(issue, 1);
    let page = team.runs("audit checkpoint --post #1 --to kept.txt").page();
    let end = page.lines().next().unwrap().to_owned();
    insta::assert_snapshot!(page.replace(&end, "[END]"), @"
    [END]
    ---
    acme/platform#1: written now: [GITHUB]/acme/platform/issues/1
    kept.txt: added
    `followup audit verify --checkpoint [END]` checks against it.
    ");
    let again = team.json("audit checkpoint --post acme/platform#1 --to kept.txt");
    assert_eq!((&again["posted"]["was_there"], &again["added"]), (&true.into(), &false.into()));
    team.runs("assign CA-1 octo-ops");
    assert_eq!(team.json("audit checkpoint --post 1 --to kept.txt")["posted"]["was_there"], false);
    let comments = team.github().comments(REPO, 1);
    assert_eq!(comments.len(), 2);
    assert!(comments[0].body.contains(&format!("`{end}`")), "{}", comments[0].body);

    let kept = std::fs::read_to_string(team.path("kept.txt")).unwrap();
    assert_eq!((kept.lines().count(), kept.lines().next().unwrap()), (2, end.as_str()));
    assert!(team.runs("audit verify --checkpoints kept.txt").out.contains("2 checkpoints too"));
    tamper(
        &team,
        "DELETE FROM event_texts WHERE seq > 5; DELETE FROM events WHERE seq > 5; \
         UPDATE event_head SET seq = 5, hash = (SELECT hash FROM events WHERE seq = 5)",
    );
    let found = team.run("audit verify --checkpoints kept.txt").exits(1).out;
    assert!(found.contains("event 6: a checkpoint knows it"), "{found}");
}

#[test]
fn what_cannot_be_posted_or_kept_is_told() {
    let team = Shell::with_accepted_actions();
    team.write("odd.txt", "8:abc\n");
    let told = [
        ("checkpoint --post nonsense", 2),
        ("checkpoint --post #99", 2),
        ("checkpoint --to nowhere/kept.txt", 3),
        ("verify --checkpoints nowhere.txt", 2),
        ("verify --checkpoints odd.txt", 2),
    ]
    .map(|(line, code)| refused(&team, &format!("audit {line}"), code));
    insta::assert_snapshot!(told.join("\n"), @"
    usage: `nonsense` is not an issue
    → write it as #12, as OWNER/NAME#12, or as its address
    refused: there is no issue acme/platform#99, or the token may not see it
    → name another issue, as OWNER/NAME#12 or by its address; `followup publish` makes one
    files: cannot write [FOLDER]/nowhere/kept.txt: No such file or directory (os error 2)
    → check the path, its permissions and the space there; nothing was left behind
    usage: cannot read [FOLDER]/nowhere.txt: No such file or directory (os error 2)
    → `followup audit checkpoint --to FILE` writes such a file
    usage: [FOLDER]/odd.txt: line 1: `8:abc` is not a checkpoint; expected the number of events, a colon, and 64 hexadecimal digits
    → put right or take out that line
    ");
    let empty = Shell::new();
    empty.runs("init");
    insta::assert_snapshot!(refused(&empty, "audit checkpoint --to kept.txt", 2), @"
    usage: the history is empty
    → `followup import REPORT` brings something in
    ");
}

#[test]
fn a_checkpoint_beside_the_history_shows_nothing() {
    let team = Shell::new();
    team.write("followup.toml", "tracker = \"local\"\n");
    team.write("one.md", "# One\n\n## Action items\n\n- Rotate the key\n");
    team.runs("import one.md --accept");
    insta::assert_snapshot!(refused(&team, "audit checkpoint --post #1", 2), @"
    refused: the issues of this team are in the same database, so a checkpoint there shows nothing
    → keep it in a file with --to, or wherever nobody who can write the database can write
    ");
}
