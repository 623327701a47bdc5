//! Some actions to look at, and how well what reports promised is kept.

use ring::digest::{SHA256, digest};

use super::super::{Shell, refusals::refused};

/// Two incidents of one cause, with one action of the first done in time, one late, and one still open.
fn two_incidents() -> Shell {
    let mut team = Shell::with_github();
    let report = |date: &str, actions: &str| {
        format!(
            "# Outage of {date}\n\nDate: {date}\nSeverity: SEV-1\n\n## Root cause\n\nAn expired certificate.\n\n## Action items\n\n{actions}"
        )
    };
    team.at("2024-05-15T09:00:00Z");
    team.write(
        "one.md",
        report(
            "2024-05-10",
            "- Renew certificates automatically\n- Alert before expiry\n- List every certificate\n",
        ),
    );
    team.runs("import one.md --accept");
    team.runs("assign CA-1 CA-2 CA-3 octo-dev");
    team.at("2024-05-20T09:00:00Z");
    team.runs("done CA-1");
    team.runs("evidence add CA-1 https://github.com/acme/platform/pull/7");
    team.at("2024-06-15T09:00:00Z");
    team.runs("done CA-2");
    team.runs("due CA-3 2024-07-01 --reason \"the tool is late\"");
    team.write("two.md", report("2024-07-12", "- Rehearse the renewal\n"));
    team.at("2024-07-15T09:00:00Z");
    team.runs("import two.md");
    team
}

#[test]
fn a_sample_can_be_drawn_again_by_anybody() {
    let team = two_incidents();
    insta::assert_snapshot!(team.runs("audit sample --n 2 --seed spring").page(), @"
    id    state     severity  accepted    done        owner     title
    CA-4  proposed  sev1      –           –           –         Rehearse the renewal
    CA-2  done      sev1      2024-05-15  2024-06-15  octo-dev  Alert before expiry
    ---
    2 of 4 actions, drawn with the seed spring
    Drawn are those with the smallest SHA-256 of SEED:ID, so anybody can draw them again.
    ");
    let drawn = team.json("audit sample --n 3 --seed spring");
    let mut lots: Vec<(String, String)> = (1..=4)
        .map(|number| {
            let digest = digest(&SHA256, format!("spring:CA-{number}").as_bytes());
            let lot = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            (lot, format!("CA-{number}"))
        })
        .collect();
    lots.sort();
    let actions = drawn["actions"].as_array().unwrap();
    let shown: Vec<(String, String)> = actions
        .iter()
        .map(|it| (it["sha256"].as_str().unwrap().to_owned(), it["id"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(shown, lots[..3]);
    assert_eq!((&drawn["population"], &drawn["seed"]), (&4.into(), &"spring".into()));
    // Without a seed, the history gives one, and the same each time.
    let of_history = team.json("audit sample --n 2");
    assert_eq!(of_history, team.json("audit sample --n 2"));
    assert!(
        of_history["checkpoint"]["head"].as_str().unwrap().starts_with(of_history["seed"].as_str().unwrap())
    );
    let table = team.runs("audit sample --n 1 --seed spring --format csv").out;
    assert!(table.lines().next().unwrap().ends_with(",sha256") && table.lines().count() == 2, "{table}");
}

#[test]
fn a_sample_is_of_what_was_asked_for() {
    let team = two_incidents();
    let ids = |line: &str| {
        let drawn = team.json(&format!("audit sample --seed x {line}"));
        let mut ids: Vec<String> = drawn["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(ids(""), "CA-1 CA-2 CA-3 CA-4");
    assert_eq!(ids("--state done"), "CA-1 CA-2");
    assert_eq!(ids("--state open,proposed"), "CA-3 CA-4");
    assert_eq!(ids("--severity sev2"), "");
    assert_eq!(ids("--since 2024-05-01 --until 2024-05-31"), "CA-1 CA-2 CA-3");
    assert_eq!(ids("--since 2024-06-01 --until 2024-06-30 --dated done"), "CA-2");
    assert_eq!(ids("--as-of 2024-05-31"), "CA-1 CA-2 CA-3");
    assert_eq!(ids("--as-of 2024-05-31 --state done"), "CA-1");
    let few = team.runs("audit sample --state done").err;
    assert!(few.contains("note: there are no 25; these are all"), "{few}");
    let told = ["--n 0", "--state finished", "--dated never"]
        .map(|line| refused(&team, &format!("audit sample {line}"), 2));
    insta::assert_snapshot!(told.join("\n"), @"
    usage: 0 is not in 1..=4294967295
    → `followup audit --help` shows how it is written
    usage: `finished` is not a state; expected one of proposed, open, in_progress, blocked, done, verified, waived, dropped
    → `followup audit --help` shows how it is written
    usage: `never` is nothing to date an action by; expected accepted or done
    → `followup audit --help` shows how it is written
    ");
}

#[test]
fn what_is_kept_is_measured() {
    let team = two_incidents();
    insta::assert_snapshot!(team.runs("audit metrics").page(), @"
    On 2024-07-15: 2 done, 1 open, 1 proposed

    Done by the day that the policy set
    quarter  severity  in time
    2024-Q2  sev1      1 of 3

    From acceptance to the end of the work
    severity  done  median days
    all       2     31
    sev1      2     31

      overdue     0 for 1–7 days, 1 for 8–30, 0 for 31–90, 0 for longer
      verified    0 of 2 finished
      by another  0 of 0 verified, by somebody other than the owner
      evidence    1 of 2 finished
      moved       1 of 3 with a day, once

    Came again while work was open
      IR-2 on 2024-07-12 after IR-1, with CA-3 open (the same root cause)
    ");
    let metrics = team.json("audit metrics --as-of 2024-05-31");
    assert_eq!(metrics["states"]["open"], 2);
    assert_eq!(metrics["within_policy"][0]["within_policy"], serde_json::json!({"n": 1, "of": 3}));
    assert_eq!(metrics["overdue"]["days_1_to_7"], 2);
    assert_eq!(metrics["repeats"], serde_json::json!([]));
    assert_eq!(team.json("audit metrics")["repeats"][0]["open"], serde_json::json!(["CA-3"]));
    let empty = Shell::new();
    empty.runs("init");
    assert!(empty.runs("audit metrics").out.contains("no action yet"));
}
