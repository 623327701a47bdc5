//! What people see.

use super::Shell;

/// A team in the middle of its work.
fn a_team_at_work() -> Shell {
    let mut team = Shell::with_accepted_actions();
    team.runs("assign CA-2 octo-ops");
    team.runs("due CA-2 2024-06-03 --reason \"it is simpler than we thought\"");
    team.runs("start CA-2");
    team.runs("publish");
    team.at("2024-05-20T09:00:00Z");
    team.runs("block CA-3 --reason \"no access to the key store\"");
    team.runs("drop CA-4 --as duplicate --duplicate-of CA-3 --reason \"the rehearsal covers it\"");
    team.at("2024-06-10T09:00:00Z");
    team
}

#[test]
fn the_help() {
    insta::assert_snapshot!(Shell::new().runs("--help").page(), @"
    Make sure that what an incident report promised gets done

    Usage: followup [OPTIONS] <COMMAND>

    Commands:
      init         Write followup.toml and create the database
      demo         Show the whole story, offline, against a GitHub in this process
      extract      Show what would be imported, and change nothing
      import       Bring reports and their actions into the database
      review       Go through what nobody has taken on yet, one action after the other
      accept       Take proposed actions on
      decline      Refuse proposed actions
      assign       Make somebody accountable
      link         Tie an action to an issue that is there already, or to a further report that asks for
                   it
      unlink       Take an action off its issue, off the one that its report names, or off a further
                   report
      edit         Correct what was read: title, description, category, kind, priority
      due          Promise a day
      start        Begin work
      block        Say that work cannot go on
      unblock      Say that work can go on
      done         Say that the work is finished
      evidence     Add what shows that the work was done
      verify       Confirm that finished work was done and works; never by its owner
      reject       Say that finished work is not done, or does not work
      waive        Accept the risk of not doing it until a day
      drop         Say that the work will not be done
      reopen       Take finished, waived or dropped actions up again
      add          Add an action that its report does not name
      split        Make several actions of one
      merge        Make one action of several that ask for the same
      undo         Take back what was done last
      list         List actions
      show         Show one action and its history
      report       List and show reports
      overdue      List what is late, worst first
      publish      Give every accepted action its issue
      sync         Take over what happened to the issues, and send what changed here
      webhook      Take in what GitHub says by itself, as hints at issues to look at
      tick         Do what follows from the day alone: waivers end, missed deadlines are written down
      disclose     Decide about what is not for everybody in the text of an issue
      conflicts    List what waits for a person, each with the command that settles it
      resolve      Say which side is right where both disagree
      adopt        Take over the issues that another database made for the same reports
      audit        Look into the history, check it, and hand it out
      template     Print an empty report to fill in
      doctor       Look what is wrong, and say what to do
      completions  Print a completion script for a shell
      man          Print the manual page
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Global options:
          --config <FILE>  Read this configuration file [env: FOLLOWUP_CONFIG]
          --db <URL|FILE>  Use this database: a file, sqlite://FILE, or postgres://… [env: FOLLOWUP_DB]
          --color <WHEN>   When to use colours [default: auto] [possible values: auto, always, never]
      -v, --verbose...     Say more about what happens (again for still more)
      -q, --quiet          Say nothing but data and errors
    ");
    // Without a word it is the same, on the other stream.
    let ran = Shell::new().run("").exits(2);
    assert!(ran.out.is_empty() && ran.err.contains("Usage: followup"));
}

#[test]
fn lists() {
    let team = a_team_at_work();
    insta::assert_snapshot!(team.runs("list").page(), @"
    id    state        due         moved  late  owner      issue  title
    CA-1  open         2024-05-31         10 d  octo-lead  #2     Alert on expiry
    CA-2  in_progress  2024-06-03  1×     7 d   octo-ops   #3     Renew automatically
    CA-3  blocked      2024-06-14               octo-dev   #4     Runbook for the key store
    CA-4  dropped      2024-06-14               –          #5     Load test in staging
    ");
    insta::assert_snapshot!(team.runs("list --format markdown --state blocked").page(), @"
    | id | state | due | moved | late | owner | issue | report | title |
    |---|---|---|---|---|---|---|---|---|
    | CA-3 | blocked | 2024-06-14 |  |  | octo-dev | [#4]([GITHUB]/acme/platform/issues/4) | IR-1 | Runbook for the key store |
    ");
    insta::assert_snapshot!(team.runs("list --state waived").page(), @"no action matches; `followup list` without filters shows every one");
    insta::assert_snapshot!(team.runs("report list").page(), @"
    id    incident    severity  title
    IR-1  2024-05-14  sev2      Checkout outage on 14 May 2024
    ");
    insta::assert_snapshot!(team.runs("report show IR-1").page(), @"
    IR-1 Checkout outage on 14 May 2024
      source        [FOLDER]/checkout.txt
      incident      2024-05-14
      resolved      2024-05-14 11:40 UTC
      severity      sev2
      published to  acme/platform, as configured
      root cause    The certificate of the key store expired.
      people        Grace Apio (octo-lead), Author

    id    state        due         moved  late  owner      issue  title
    CA-1  open         2024-05-31         10 d  octo-lead  #2     Alert on expiry
    CA-2  in_progress  2024-06-03  1×     7 d   octo-ops   #3     Renew automatically
    CA-3  blocked      2024-06-14               octo-dev   #4     Runbook for the key store
    CA-4  dropped      2024-06-14               –          #5     Load test in staging
    ");
}

#[test]
fn what_is_late() {
    let team = a_team_at_work();
    insta::assert_snapshot!(team.runs("overdue").page(), @"
    id    state        due         moved  late  owner      issue  title
    CA-1  open         2024-05-31         10 d  octo-lead  #2     Alert on expiry
    CA-2  in_progress  2024-06-03  1×     7 d   octo-ops   #3     Renew automatically
    ---
    2 actions overdue on 2024-06-10
    ");
    insta::assert_snapshot!(team.runs("overdue --by owner").page(), @"
    octo-lead (1)
    id    state  due         moved  late  owner      issue  title
    CA-1  open   2024-05-31         10 d  octo-lead  #2     Alert on expiry

    octo-ops (1)
    id    state        due         moved  late  owner     issue  title
    CA-2  in_progress  2024-06-03  1×     7 d   octo-ops  #3     Renew automatically
    ---
    2 actions overdue on 2024-06-10
    ");
    insta::assert_snapshot!(team.runs("overdue --by team --format markdown").page(), @"
    ## payments

    | id | state | due | moved | late | owner | issue | report | title |
    |---|---|---|---|---|---|---|---|---|
    | CA-1 | open | 2024-05-31 |  | 10 d | octo-lead | [#2]([GITHUB]/acme/platform/issues/2) | IR-1 | Alert on expiry |

    ## no team

    | id | state | due | moved | late | owner | issue | report | title |
    |---|---|---|---|---|---|---|---|---|
    | CA-2 | in_progress | 2024-06-03 | 1× | 7 d | octo-ops | [#3]([GITHUB]/acme/platform/issues/3) | IR-1 | Renew automatically |
    ");
    insta::assert_snapshot!(team.runs("overdue --format csv").page(), @"
    id,title,state,disposition,owner,team,verifier,due_on,original_due_on,due_moves,overdue,days_overdue,priority,severity,category,kind,flags,report_id,report_title,issue_url,issue_state,issue_state_reason,created_at,done_at,verified_at
    CA-1,Alert on expiry,open,,octo-lead,payments,,2024-05-31,2024-05-31,0,true,10,medium,sev2,monitoring,detect,overdue,IR-1,Checkout outage on 14 May 2024,[GITHUB]/acme/platform/issues/2,open,,2024-05-15T09:00:00Z,,
    CA-2,Renew automatically,in_progress,,octo-ops,,,2024-06-03,2024-06-14,1,true,7,medium,sev2,automation,prevent,overdue,IR-1,Checkout outage on 14 May 2024,[GITHUB]/acme/platform/issues/3,open,,2024-05-15T09:00:00Z,,
    ");
    insta::assert_snapshot!(team.runs("overdue --as-of 2024-05-31").page(), @"nothing is overdue on 2024-05-31");
}

#[test]
fn one_action_and_its_history() {
    let team = a_team_at_work();
    insta::assert_snapshot!(team.runs("show CA-2").page(), @"
    CA-2 Renew automatically
      state     in_progress
      due       2024-06-03, moved 1×, first 2024-06-14, 7 days late
      owner     octo-ops
      category  automation · prevent · medium priority · sev2
      flags     overdue
      issue     [GITHUB]/acme/platform/issues/3 (open)
      report    IR-1 Checkout outage on 14 May 2024, “Corrective actions”, line 17

    Let the platform renew certificates without a person.

    As the report says it:
      > Renew automatically: Let the platform renew certificates without a person.

    History
      2024-05-15T09:00:00Z action.proposed    by grace
      2024-05-15T09:00:00Z action.accepted    by grace: state proposed → open, due_on 2024-06-14
      2024-05-15T09:00:00Z action.assigned    by grace: owner “octo-ops”
      2024-05-15T09:00:00Z action.due_moved   by grace: due_on 2024-06-14 → 2024-06-03, reason “it is simpler than we thought”
      2024-05-15T09:00:00Z action.started     by grace: state open → in_progress
      2024-05-15T09:00:00Z issue.created      by grace: number 3
    ");
    insta::assert_snapshot!(team.runs("show CA-4").page(), @"
    CA-4 Load test in staging
      state     dropped as duplicate of CA-3
      due       2024-06-14
      owner     nobody
      category  testing · prevent · medium priority · sev2
      issue     [GITHUB]/acme/platform/issues/5 (open)
      report    IR-1 Checkout outage on 14 May 2024, “Corrective actions”, line 19

    Run the load test of checkout before every release, with real certificate chains.

    As the report says it:
      > Load test in staging: Run the load test of checkout before every release, with real certificate chains.

    History
      2024-05-15T09:00:00Z action.proposed    by grace
      2024-05-15T09:00:00Z action.accepted    by grace: state proposed → open, due_on 2024-06-14
      2024-05-15T09:00:00Z issue.created      by grace: number 5
      2024-05-20T09:00:00Z action.dropped     by grace: state open → dropped, disposition duplicate, duplicate_of CA-3, reason “the rehearsal covers it”
    ");
}

#[test]
fn how_one_knows_that_it_is_done_is_shown() {
    let team = Shell::with_github();
    team.write(
        "lamp.md",
        "# Dark\n\n## Action items\n\n- Hang: a lamp in the hall. Done when it burns all night.\n",
    );
    let extracted = team.runs("extract lamp.md --view actions").page();
    team.runs("import lamp.md");
    let shown = team.runs("show CA-1").page();
    for page in [extracted, shown] {
        let told: Vec<&str> =
            page.lines().filter(|line| line.contains("night") && !line.contains("> ")).collect();
        assert_eq!(told.len(), 1, "{page}");
        assert!(told[0].trim_start().starts_with("Success criteria: it burns all night"), "{page}");
    }
}

#[test]
fn a_reading_with_its_reasons() {
    let team = Shell::with_github();
    insta::assert_snapshot!(team.runs("extract checkout.txt --explain").page(), @"
    Checkout outage on 14 May 2024  checkout.txt, plain text
      incident    2024-05-14
      resolved    2024-05-14 11:40 +00:00
      severity    sev2
      root cause  The certificate of the key store expired.
      people      Grace Apio (octo-lead), Author

    1. Alert on expiry
       Alert thirty days before a certificate of the key store expires.
       line 16 · monitoring · detect · owner octo-lead · due 2024-05-31
       a line with a title under “Corrective actions”; the words “corrective actions” announce actions (titled-line); category and kind by: alert (monitoring +14), alert (detect +10)
    2. Renew automatically
       Let the platform renew certificates without a person.
       line 17 · automation · prevent
       a line with a title under “Corrective actions”; the words “corrective actions” announce actions (titled-line); category and kind by: automatic (automation +6), renewal (automation +6), automation (prevent +3)
    3. Runbook for the key store
       Write down how to restart the key store, and rehearse it once.
       line 18 · documentation · process · owner octo-dev
       a line with a title under “Corrective actions”; the words “corrective actions” announce actions (titled-line); category and kind by: runbook (documentation +12), write down (documentation +7), how to (documentation +3), runbook (process +10), write down (process +5), rehearse (process +4)
    4. Load test in staging
       Run the load test of checkout before every release, with real certificate chains.
       line 19 · testing · prevent
       a line with a title under “Corrective actions”; the words “corrective actions” announce actions (titled-line); category and kind by: load test (testing +14), staging (testing +6), test (prevent +4), staging (prevent +4), before (prevent +1)
    ");
}

#[test]
fn a_report_with_its_actions_in_place() {
    let team = Shell::with_github();
    team.write(
        "crane.md",
        "# Crane stuck\n\n## Lessons\n- Test the brake weekly\n\n## Action items\nThis was agreed:\n\
         - [ ] Replace the brake (owner: Ann, due: 1 July 2026)\n  - in both cranes\n- TBD\n- [x] Add a siren\n",
    );
    insta::assert_snapshot!(team.runs("extract crane.md --view report").page(), @"
    Crane stuck  crane.md, Markdown

     1 │ # Crane stuck
     2 │
     3 │ ## Lessons
     4 │ - Test the brake weekly
     5 │
     6 │ ## Action items
     7 │ This was agreed:
     8 ┃ - [ ] Replace the brake (owner: Ann, due: 1 July 2026)
     9 ┃   - in both cranes
       ┗ 1. Replace the brake
            other · repair · owner Ann · due 2026-07-01 (“1 July 2026”)
    10 │ - TBD
    11 ┃ - [x] Add a siren
       ┗ 2. Add a siren (already done)
            other · other

    2 actions; 3 texts passed over: --explain says why
    ");
    insta::assert_snapshot!(team.runs("extract crane.md --view report --explain").page(), @"
    Crane stuck  crane.md, Markdown

     1 │ # Crane stuck
     2 │
     3 │ ## Lessons
     4 │ - Test the brake weekly
       └ no action: it stands outside the sections that list the actions (outside-actions)
     5 │
     6 │ ## Action items
     7 │ This was agreed:
       └ no action: it introduces or mentions actions and is none (introduction)
     8 ┃ - [ ] Replace the brake (owner: Ann, due: 1 July 2026)
     9 ┃   - in both cranes
       ┗ 1. Replace the brake
            other · repair · owner Ann · due 2026-07-01 (“1 July 2026”)
            an item with a box under “Action items”; the words “action items” announce actions (checkbox); category and kind by: replace (repair +2)
    10 │ - TBD
       └ no action: a template left it to be filled in, or it says that there is nothing (placeholder)
    11 ┃ - [x] Add a siren
       ┗ 2. Add a siren (already done)
            other · other
            an item with a box under “Action items”; the words “action items” announce actions (checkbox); category and kind by: no word

    2 actions
    ");
}
